import t, { type Test } from 'tap'
import { devicePrefix, encodeContactLink } from '../../../protocol/contact-link.ts'
import type { Contact, VerificationResult } from '../../../protocol/http-people.ts'
import { signBytes } from '../../../protocol/crypto.ts'
import { fingerprint } from '../../../protocol/ids.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import type { Owner } from '../../../daemon/api/owner.ts'
import { actor, PersonLog, runOf, type Actor } from '../../protocol/cast.ts'
import { neighbourhood, twoContacts, type Device, type Pair, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const idOf = (device: Device): string => device.rooms.identity.person

interface Side {
  readonly device: Device
  readonly owner: Owner
}

const verify = async ({ owner }: Side, id: string, code: string): Promise<VerificationResult> =>
  (await owner.safety.verify(id, { code })).result

/** Alice and Bob, each with what their owner sees. */
async function sides(t: Test): Promise<{ settle: Pair['settle']; alice: Side; bob: Side }> {
  const { alice, bob, settle } = await twoContacts(t)
  return { settle, alice: { device: alice, owner: ownerOf(alice) }, bob: { device: bob, owner: ownerOf(bob) } }
}

t.test('both see the same number; what one shows, the other scans; it survives a restart', async (t) => {
  const { alice, bob } = await sides(t)
  const [a, b] = [idOf(alice.device), idOf(bob.device)]
  const shown = alice.owner.safety.show(b)
  t.match(shown.number, /^(?:\d{5} ){11}\d{5}$/)
  t.equal(bob.owner.safety.show(a).number, shown.number)
  t.match(alice.owner.contact(b), { verified: false, verifiedAt: undefined })
  alice.device.events.length = 0
  t.equal(await verify(alice, b, bob.owner.safety.show(a).code), 'match')
  t.match(alice.owner.contact(b), { verified: true, verifiedAt: Number, keysChanged: undefined })
  t.match(alice.device.events, [{ type: 'contact', person: b }], 'every page is told')
  t.equal(bob.owner.contact(a).verified, false, 'each owner compares for themselves')
  await alice.device.stop()
  await alice.device.start()
  const owner = ownerOf(alice.device)
  t.equal(owner.contact(b).verified, true)
  t.match(await owner.safety.clear(b), { verified: false, verifiedAt: undefined })
  t.equal(owner.contact(b).verified, false)
})

t.test('a number counts only if it is the one that both see now', async (t) => {
  const { alice, bob } = await sides(t)
  const b = idOf(bob.device)
  const { number } = alice.owner.safety.show(b)
  const other = `${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`
  t.match(await alice.owner.safety.verify(b, { number: other }), {
    result: 'other-number',
    contact: { verified: false },
  })
  await t.rejects(alice.owner.safety.verify(b, { number: '12345' }), { code: 'BAD_SHAPE' })
  await t.rejects(alice.owner.safety.verify(b, {}), { code: 'BAD_SHAPE' })
  await t.rejects(alice.owner.safety.verify(b, { code: 'warren:x' }), { code: 'BAD_LINK' })
  await t.rejects(alice.owner.safety.verify(idOf(alice.device), { number }), { code: 'NOT_FOUND' })
  const answer = await alice.owner.safety.verify(b, { number: number.replaceAll(' ', '') })
  t.match(answer, { result: 'match', contact: { verified: true } })
})

t.test('every wrong code is told apart, and changes nothing', async (t) => {
  const world = neighbourhood(t)
  const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(async (name) => await world.start(name)))
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three people')
  const settle = async (): Promise<void> => await world.settle()
  for (const [from, to] of [
    [alice, bob],
    [alice, carol],
    [carol, bob],
  ] as const)
    await from.befriend(to, settle)
  const side = { device: alice, owner: ownerOf(alice) }
  const shows = (by: Device, to: Device): string => ownerOf(by).safety.show(idOf(to)).code
  const link = encodeContactLink({
    person: bob.rooms.identity.person,
    devices: [{ prefix: devicePrefix(bob.id), addresses: [] }],
  })
  t.equal(await verify(side, idOf(bob), shows(alice, bob)), 'own-code')
  t.match(await side.owner.safety.verify(idOf(bob), { code: shows(carol, alice) }), {
    result: 'other-person',
    shownBy: 'carol',
  })
  t.equal(await verify(side, idOf(bob), shows(bob, carol)), 'not-for-you')
  await t.rejects(verify(side, idOf(bob), link), { code: 'BAD_LINK' })
  t.notOk(side.owner.contacts().some(({ verified }) => verified))
  await alice.rooms.contacts.remove(carol.rooms.identity.person)
  await alice.rooms.contacts.remove(carol.rooms.identity.person)
  t.equal((await side.owner.safety.verify(idOf(bob), { code: shows(carol, alice) })).shownBy, undefined, 'forgotten')
  t.equal(await verify(side, idOf(bob), shows(bob, alice)), 'match')
  t.equal(await verify(side, idOf(bob), shows(bob, carol)), 'not-for-you')
  t.equal(side.owner.contact(idOf(bob)).verified, true, 'a wrong scan takes nothing back either')
})

const [laptop, phone, thief]: readonly [Actor, Actor, Actor] = [actor(41), actor(42), actor(43)]

/** Ruth, whose devices are only known by her log: she asked Alice, who said yes. */
async function aliceAndRuth(t: Test): Promise<World & { side: Side; ruth: PersonLog; tell: () => Promise<void> }> {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const ruth = new PersonLog(laptop)
  const { contacts, conversations } = alice.rooms
  const from = { device: laptop.device, privateAddress: true, inbound: true }
  const hello = { ...alice.sayHello(alice), person: ruth.person, name: 'ruth', proof: [runOf(ruth.entries)] }
  contacts.heard(from, { ...hello, wish: { is: 'contact', note: '', number: 1 } })
  await world.settle()
  const tell = async (): Promise<void> => {
    // One run an operation, each device's own in their order.
    await conversations.peers.learnPerson(
      ruth.person,
      ruth.entries.map((each) => runOf([each])),
    )
    await world.settle()
  }
  return { ...world, side: { device: alice, owner: ownerOf(alice) }, ruth, tell }
}

const bare = { heads: [], recovery: undefined } as const

t.test('what the recovery key does takes it back, loudly, until the owner compares again or clears it', async (t) => {
  const { side, ruth, tell } = await aliceAndRuth(t)
  const { owner, device } = side
  const about = (): Contact => owner.contact(ruth.person)
  const before = owner.safety.show(ruth.person).number
  t.equal(about().state, 'incoming', 'a number is there to be compared before one says yes')
  await device.rooms.contacts.accept(ruth.person)
  t.equal(owner.safety.show(ruth.person).number, before)
  await owner.safety.verify(ruth.person, { number: before })
  ruth.add(laptop, phone)
  await tell()
  t.match(about(), { verified: true })
  t.strictSame(owner.safety.show(ruth.person), {
    number: before,
    code: owner.safety.show(ruth.person).code,
    newDevices: [fingerprint(phone.device)],
  })
  device.events.length = 0
  const counterSignature = signBytes(thief.key, counterMessage(ruth.person, thief.device))
  const record = { device: thief.device, deviceClass: 'desktop' } as const
  ruth.recover(thief, { kind: 'addDevice', record, counterSignature, ...bare })
  await tell()
  t.match(about(), { verified: false, verifiedAt: Number, keysChanged: true })
  t.match(
    device.events.filter(({ type }) => type === 'contact'),
    [{ person: ruth.person }],
    'every page is told',
  )
  const after = owner.safety.show(ruth.person)
  t.not(after.number, before)
  t.match(await owner.safety.verify(ruth.person, { number: before }), { result: 'other-number' }, 'the old one is over')
  await device.stop()
  await device.start()
  const again = ownerOf(device)
  t.match(again.contact(ruth.person), { verified: false, keysChanged: true }, 'it is not forgotten')
  t.match(await again.safety.verify(ruth.person, { number: after.number }), {
    result: 'match',
    contact: { verified: true, keysChanged: undefined },
  })
  ruth.rotate(phone, actor(7))
  await device.rooms.conversations.peers.learnPerson(
    ruth.person,
    ruth.entries.map((each) => runOf([each])),
  )
  t.match(again.contact(ruth.person), { keysChanged: true })
  t.match(await again.safety.clear(ruth.person), { verified: false, keysChanged: undefined })
})

t.test('a person with a new identity is not verified, and is told from the one who was', async (t) => {
  const { alice, bob, settle, start } = await (async () => {
    const world = neighbourhood(t)
    const people = { alice: await world.start('alice'), bob: await world.start('bob') }
    await people.alice.befriend(people.bob, async () => await world.settle())
    return { ...world, ...people }
  })()
  const owner = ownerOf(alice)
  await owner.safety.verify(idOf(bob), { number: owner.safety.show(idOf(bob)).number })
  const other = await start('bob')
  await other.rooms.contacts.request({ device: alice.id, hello: alice.sayHello(other) }, 'my new computer')
  await settle()
  t.match(owner.contact(idOf(other)), {
    state: 'incoming',
    verified: false,
    lookalike: { id: idOf(bob), how: 'same-name', verified: true },
  })
  t.equal(await verify({ device: alice, owner }, idOf(bob), ownerOf(bob).safety.show(idOf(alice)).code), 'match')
})

t.test('without their log there is no number yet', async (t) => {
  const { alice, bob, settle } = await (async () => {
    const world = neighbourhood(t)
    return { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
  })()
  await alice.rooms.contacts.request({ device: bob.id, hello: bob.sayHello(alice) }, '')
  await settle()
  t.throws(() => ownerOf(alice).safety.show(idOf(bob)), { code: 'CONFLICT' })
  await t.rejects(ownerOf(alice).safety.verify(idOf(bob), { code: 'warren:x' }), { code: 'CONFLICT' })
  t.ok(ownerOf(bob).safety.show(idOf(alice)))
})

t.test(
  'a contact that ends and begins again is the same person; one that is forgotten is not remembered',
  async (t) => {
    const { alice, bob, settle } = await sides(t)
    const person = bob.device.rooms.identity.person
    await alice.owner.safety.verify(person, { number: alice.owner.safety.show(person).number })
    await alice.device.rooms.contacts.remove(person)
    await settle()
    t.equal(alice.owner.contact(person).verified, true)
    await alice.device.rooms.contacts.remove(person)
    t.equal(alice.device.rooms.book.get(person)?.verification, undefined)
  },
)
