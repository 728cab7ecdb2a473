/** What contacts learn when a device that was a person comes to belong to another one. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { becomeOther } from '../../../daemon/become.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { encodeHello, readHello, type Hello } from '../../../protocol/hello.ts'
import { deviceIdOf, type PersonId } from '../../../protocol/ids.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'
import { ownerOf } from '../../support/owner-of.ts'
import { past, recoveriesOf, reopen, wordsOf } from '../../support/recovery.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

async function meet({ place, settle }: World): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    place.greetAll()
    await settle()
  }
}

function leave(device: Device, { place }: World): void {
  place.devices.delete(device.id)
  for (const [pair, ends] of place.links) if (pair.includes(device.id)) ends[0].wire.cut()
}

async function stop(device: Device, world: World): Promise<void> {
  leave(device, world)
  await device.stop()
  await world.settle()
}

async function start(device: Device): Promise<void> {
  await device.start()
  await device.rooms.contacts.start()
  device.rooms.carried.tellAll()
}

/** `young` becomes a device of the person of `to`. */
async function join(young: Device, to: Device, world: World): Promise<void> {
  const seed = new Uint8Array(randomBytes(32))
  const key = signingKeyFromSeed(seed)
  const device = deviceIdOf(publicBytes(key))
  const person = personOf(to)
  const { conversations, profile } = to.rooms
  await conversations.ownLog.add({ device, deviceClass: 'desktop' }, signBytes(key, counterMessage(person, device)))
  const log = await conversations.peers.personLog(person)
  await becomeOther(young.rooms, young.store, { seed, person, log, card: profile.data })
  await world.settle()
  await stop(young, world)
  await start(young)
}

interface Scene extends World {
  readonly alice: Device
  readonly young: Device
  readonly bob: Device
  readonly old: PersonId
}

/** Bob knows the person that `young` is at first, and not Alice. */
async function scene(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const [alice, young, bob] = [await world.start('alice'), await world.start('young'), await world.start('bob')]
  await young.befriend(bob, world.settle)
  await bob.rooms.book.change(personOf(young), { petname: 'Allie' })
  return { ...world, alice, young, bob, old: personOf(young) }
}

const contactAt = (device: Device, person: PersonId): ReturnType<ReturnType<typeof ownerOf>['contact']> =>
  ownerOf(device).contact(person)

for (const when of ['linked', 'off'] as const) {
  t.test(`a contact who is ${when} when it happens is asked quietly, and follows`, async (t) => {
    const all = await scene(t)
    const { alice, young, bob, old, settle } = all
    const chat = await young.say(young.conversationWith(bob), 'said before')
    await settle()
    t.ok(chat)
    if (when === 'off') await stop(bob, all)
    await join(young, alice, all)
    await meet(all)
    if (when === 'off') {
      await start(bob)
      await meet(all)
    }
    const person = personOf(alice)
    t.match(contactAt(bob, old), { state: 'accepted', movedTo: { id: person, answer: 'open' } })
    const asks = contactAt(bob, person)
    t.match(asks, { state: 'incoming', cameFrom: { id: old, name: 'Allie', answer: 'open' } })
    t.notOk('lookalike' in asks, 'it is no warning')
    await ownerOf(bob).patchContact(old, { follow: true })
    await meet(all)
    t.match(contactAt(bob, person), { state: 'accepted', petname: 'Allie', verified: false })
    t.match(contactAt(bob, old), { state: 'ended', movedTo: { id: person, answer: 'followed' } })
    await bob.say(bob.conversationWith(young), 'and after')
    await meet(all)
    t.strictSame(
      (await young.messages(young.conversationWith(bob))).map(({ text }) => text),
      ['and after'],
    )
    await t.rejects(ownerOf(bob).patchContact(old, { follow: true }), { code: 'CONFLICT' })
    await stop(bob, all)
    await start(bob)
    t.match(contactAt(bob, old).movedTo, { id: person, answer: 'followed' }, 'also after a restart')
  })
}

t.test('saying yes to the request follows, and saying no is the end of it', async (t) => {
  for (const state of ['accepted', 'declined', 'blocked'] as const) {
    const all = await scene(t)
    const { alice, young, bob, old } = all
    await join(young, alice, all)
    await meet(all)
    await ownerOf(bob).patchContact(personOf(alice), { state })
    await meet(all)
    const { movedTo } = bob.rooms.book.require(old)
    t.match(movedTo, { person: personOf(alice), answer: state === 'accepted' ? 'followed' : 'declined' }, state)
    if (state !== 'accepted') t.notOk('movedTo' in contactAt(bob, old))
    t.equal(contactAt(bob, old).state, state === 'accepted' ? 'ended' : 'accepted')
  }
})

t.test('not following declines the request, and nothing is said of it again', async (t) => {
  const all = await scene(t)
  const { alice, young, bob, old } = all
  await join(young, alice, all)
  await meet(all)
  await ownerOf(bob).patchContact(old, { follow: false })
  t.equal(contactAt(bob, personOf(alice)).state, 'declined')
  await meet(all)
  t.notOk('movedTo' in contactAt(bob, old))
})

t.test('who knows both already is asked whether they are one', async (t) => {
  const all = await scene(t)
  const { alice, young, bob, old, settle } = all
  await alice.befriend(bob, settle)
  await join(young, alice, all)
  await meet(all)
  t.match(contactAt(bob, old), { movedTo: { id: personOf(alice), answer: 'open' } })
  await ownerOf(bob).patchContact(old, { follow: true })
  t.match(contactAt(bob, personOf(alice)), { state: 'accepted', petname: 'Allie' })
  t.equal(contactAt(bob, old).state, 'ended')
})

/** What the device that moved says to Bob. */
const saidBy = (young: Device, bob: Device): Hello => young.sayHello(bob)

t.test('nobody is taken for a successor whom not both logs name', async (t) => {
  const all = await scene(t)
  const { alice, young, bob, old, settle, start: begin } = all
  const mallory = await begin('mallory')
  leave(bob, all)
  await join(young, alice, all)
  const hello = saidBy(young, bob)
  t.equal(hello.moved?.person, old)
  const asked = mallory.sayHello(bob)
  const wish = hello.wish
  const lies: [string, Hello, Device][] = [
    [
      'another person shows the log',
      { ...asked, wish, proof: await mallory.rooms.conversations.peers.proof(), moved: hello.moved },
      mallory,
    ],
    ['a device that is not theirs shows it', hello, mallory],
    ['the log does not say so', { ...hello, moved: { person: old, log: hello.moved?.log.slice(0, 1) ?? [] } }, young],
    ['their log does not name the device', { ...hello, proof: hello.proof.slice(0, 1) }, young],
    ['it is somebody whom nobody knows', { ...hello, moved: { person: personOf(alice), log: hello.proof } }, young],
  ]
  for (const [what, said, from] of lies) {
    const { id: device } = from
    try {
      bob.rooms.contacts.heard({ device, privateAddress: true, inbound: true }, readHello(encodeHello(said)))
    } catch (error) {
      t.match(error, { code: String }, what)
    }
    await settle()
    t.equal(bob.rooms.book.require(old).movedTo, undefined, what)
  }
  bob.rooms.contacts.heard({ device: young.id, privateAddress: true, inbound: true }, readHello(encodeHello(hello)))
  await settle()
  t.match(bob.rooms.book.require(old).movedTo, { person: personOf(alice), answer: 'open' }, 'and the truth is')
})

t.test('who has another device goes on there, too: contacts are asked as by anybody', async (t) => {
  const all = await scene(t)
  const { alice, young, bob, old, start: begin } = all
  const laptop = await begin('laptop')
  await join(laptop, young, all)
  await join(young, alice, all)
  await meet(all)
  t.equal(personOf(laptop), old)
  t.notOk('movedTo' in contactAt(bob, old))
  t.equal(contactAt(bob, personOf(alice)).state, 'incoming')
})

t.test('a device names no successor because it was removed by another one', async (t) => {
  const all = await scene(t)
  const { alice: mallory, young: stolen, bob, old, place, start: begin } = all
  const laptop = await begin('laptop')
  await join(laptop, stolen, all)
  await meet(all)
  const lost = stolen.id
  leave(bob, all)
  await join(stolen, mallory, all)
  await meet(all)
  place.devices.set(bob.id, bob)
  await meet(all)
  t.notOk('movedTo' in contactAt(bob, old), 'while there are two')
  t.equal(bob.rooms.conversations.peers.personState(old).devices.size, 2)
  await laptop.rooms.conversations.ownLog.remove(lost)
  await meet(all)
  t.strictSame(
    [...bob.rooms.conversations.peers.personState(old).devices.keys()],
    [laptop.id],
    'Bob knows of the removal',
  )
  // They ask at every meeting.
  await stop(bob, all)
  await start(bob)
  await meet(all)
  t.equal(bob.rooms.book.require(old).movedTo, undefined)
  t.match(contactAt(bob, personOf(mallory)), { state: 'incoming', cameFrom: undefined })
})

t.test('an offer is dropped when the device that moved turns out to be stolen', async (t) => {
  const all = await scene(t)
  const { alice: mallory, young: stolen, bob, old, place, settle, start: begin } = all
  const words = wordsOf(stolen)
  const lost = stolen.id
  await join(stolen, mallory, all)
  await meet(all)
  const thief = personOf(mallory)
  t.match(contactAt(bob, old).movedTo, { id: thief, answer: 'open' })
  t.match(contactAt(bob, thief).cameFrom, { id: old })
  leave(stolen, all)
  leave(mallory, all)
  const fresh = await begin('fresh')
  const recoveries = recoveriesOf(all, fresh)
  recoveries.begin({ words, address: 'bob' })
  t.match(await past(all, recoveries, ['looking']), { state: 'found', personId: old })
  const told: string[] = []
  bob.rooms.bus.subscribe((event) => void (event.type === 'contact' && told.push(event.person)))
  recoveries.finish([lost])
  t.match(await past(all, recoveries, ['writing']), { state: 'done' })
  await reopen(all, fresh)
  await meet(all)
  t.strictSame([...bob.rooms.conversations.peers.personState(old).devices.keys()], [fresh.id])
  t.notOk('movedTo' in contactAt(bob, old))
  t.notOk('cameFrom' in contactAt(bob, thief))
  t.ok(told.includes(old) && told.includes(thief), 'pages hear of both')
  await t.rejects(ownerOf(bob).patchContact(old, { follow: true }), { code: 'CONFLICT' })
  place.devices.set(stolen.id, stolen)
  await meet(all)
  t.notOk('movedTo' in contactAt(bob, old), 'however often it is said')
  await ownerOf(bob).patchContact(thief, { state: 'accepted' })
  await settle()
  t.match(contactAt(bob, old), { state: 'accepted', petname: 'Allie' }, 'who says yes to the thief loses nobody')
  t.equal(contactAt(bob, thief).petname, '')
})

t.test('an offer shows at every device of the owner, since their log does', async (t) => {
  const all = await scene(t)
  const { alice, young, bob, old } = all
  const tablet = await startAnother(all, bob, 'tablet')
  await meet(all)
  leave(tablet, all)
  await join(young, alice, all)
  await meet(all)
  const offer = { movedTo: { id: personOf(alice), answer: 'open' } }
  t.match(contactAt(bob, old), offer)
  leave(young, all)
  leave(alice, all)
  all.place.devices.set(tablet.id, tablet)
  await meet(all)
  t.match(contactAt(tablet, old), offer)
})

t.test('who had two devices is followed once both of them have gone on, and to the same person', async (t) => {
  const all = await scene(t)
  const { alice: next, young, bob, old } = all
  const laptop = await all.start('laptop')
  await join(laptop, young, all)
  await meet(all)
  t.equal(bob.rooms.conversations.peers.personState(old).devices.size, 2)
  await join(young, next, all)
  await meet(all)
  t.notOk('movedTo' in contactAt(bob, old), 'the laptop goes on there')
  t.equal(bob.rooms.conversations.peers.personState(old).moves.length, 1)
  await join(laptop, next, all)
  await meet(all)
  t.match(contactAt(bob, old), { movedTo: { id: personOf(next), answer: 'open' } })
  await ownerOf(bob).patchContact(old, { follow: true })
  t.match(contactAt(bob, personOf(next)), { state: 'accepted', petname: 'Allie' })
})

t.test('nobody is offered whose devices went on as different people', async (t) => {
  const all = await scene(t)
  const { alice: one, young, bob, old } = all
  const laptop = await all.start('laptop')
  const other = await all.start('other')
  await join(laptop, young, all)
  await meet(all)
  await join(young, one, all)
  await meet(all)
  await join(laptop, other, all)
  await meet(all)
  t.equal(bob.rooms.conversations.peers.personState(old).moves.length, 2)
  t.notOk('movedTo' in contactAt(bob, old))
})
