import t, { type Test } from 'tap'
import { devicePrefix, encodeContactLink } from '../../../protocol/contact-link.ts'
import { fingerprint } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const { signal } = new AbortController()

/** Alice, who knows Bob, and whoever else starts. */
async function aliceAndBob(t: Test): Promise<World & { alice: Device; bob: Device }> {
  const world = neighbourhood(t)
  const people = { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
  await people.alice.befriend(people.bob, async () => await world.settle())
  return people
}

const ask = async (from: Device, to: Device, note = ''): Promise<unknown> =>
  await from.rooms.contacts.request({ device: to.id, hello: to.sayHello(from) }, note)

for (const [name, how] of [
  ['bob', 'same-name'],
  ['Воb', 'similar-name'],
  ['b0b', 'similar-name'],
  ['AIice', 'your-name'],
] as const) {
  t.test(`a request of somebody called ${name} is loud: ${how}`, async (t) => {
    const { alice, bob, start, settle } = await aliceAndBob(t)
    const mallory = await start(name)
    const owner = ownerOf(alice, () => mallory)
    const like = how === 'your-name' ? alice : bob
    const lookalike = {
      id: like.rooms.identity.person,
      name: like.name,
      fingerprint: fingerprint(like.id),
      how,
    }
    t.strictSame((await owner.look('somewhere', signal)).lookalike, lookalike, 'before anything is asked of them')
    await ask(mallory, alice)
    await settle()
    const { person } = mallory.rooms.identity
    t.match(owner.contact(person), { state: 'incoming', lookalike, fingerprint: fingerprint(mallory.id) })
    await owner.patchContact(person, { state: 'accepted' })
    t.strictSame(owner.contact(person).lookalike, lookalike)
    t.match(
      (await owner.patchContact(person, { petname: 'not Bob' })).lookalike,
      undefined,
      'a petname deceives nobody',
    )
  })
}

t.test('who is no lookalike: Bob himself, strangers among each other, other names', async (t) => {
  const { alice, bob, start, settle } = await aliceAndBob(t)
  const owner = ownerOf(alice, () => bob)
  t.equal((await owner.look('bob.example', signal)).lookalike, undefined)
  t.equal(owner.contact(bob.rooms.identity.person).lookalike, undefined)
  for (const name of ['carol', 'carol', 'bobby']) {
    await ask(await start(name), alice)
    await settle()
  }
  t.strictSame(
    owner.contacts().flatMap(({ lookalike }) => lookalike ?? []),
    [],
  )
})

t.test('a contact who takes the name of another one is loud as well, and so is one with a known petname', async (t) => {
  const { alice, bob, start, settle } = await aliceAndBob(t)
  const carol = await start('carol')
  await alice.befriend(carol, settle)
  const owner = ownerOf(alice)
  await ownerOf(carol).patchMe({ name: 'Bob' })
  await settle()
  t.match(owner.contact(carol.rooms.identity.person), { name: 'Bob', lookalike: { how: 'similar-name', name: 'bob' } })
  await owner.patchContact(bob.rooms.identity.person, { petname: 'The Builder' })
  const dave = await start('The  Builder.')
  await ask(dave, alice)
  await settle()
  t.match(owner.contact(dave.rooms.identity.person), { lookalike: { how: 'similar-name', name: 'The Builder' } })
})

t.test('another person at an address where somebody was found by hand is loud', async (t) => {
  const world = neighbourhood(t)
  const { start, settle } = world
  const alice = await start('alice')
  const bob = await start('bob')
  const first = ownerOf(alice, () => bob)
  await first.look('/ip4/192.168.1.7/tcp/7718', signal)
  await first.addContact({ deviceId: bob.id }, signal)
  await settle()
  await bob.rooms.contacts.accept(alice.rooms.identity.person)
  await settle()
  await alice.stop()
  await alice.start()
  const mallory = await start('somebody else')
  const second = ownerOf(alice, () => mallory)
  const lookalike = { how: 'address', name: 'bob', fingerprint: fingerprint(bob.id) }
  t.match(await second.look('/ip4/192.168.1.7/tcp/7718', signal), { lookalike })
  t.equal((await second.look('/ip4/192.168.1.8/tcp/7718', signal)).lookalike, undefined)
  t.match(await ownerOf(alice, () => bob).look('/ip4/192.168.1.7/tcp/7718', signal), { linked: false, name: 'bob' })
})

t.test('names, notes and status come without what deceives the eye', async (t) => {
  const { alice, start, settle } = await aliceAndBob(t)
  const mallory = await start('\u202eyrollam\u0007 \u200b!')
  await ask(mallory, alice, 'hi\u202e\n\n\n\nthere\u0000')
  await settle()
  const owner = ownerOf(alice, () => mallory)
  const { person } = mallory.rooms.identity
  t.match(owner.contact(person), { name: 'yrollam !', note: 'hi\n\nthere' })
  t.equal((await owner.look('x', signal)).name, 'yrollam !')
  await owner.patchContact(person, { state: 'accepted', petname: ' \u2066Mal\u2069 ' })
  await ownerOf(mallory).patchMe({ status: 'at\u202e sea' })
  await settle()
  t.match(owner.contact(person), { petname: 'Mal', status: 'at sea' })
  t.match(
    owner.conversations().find(({ contactId }) => contactId === person),
    { title: 'Mal' },
  )
})

t.test('a former contact: the conversation stays, nothing can be written, asking again works', async (t) => {
  const { alice, bob, settle } = await aliceAndBob(t)
  const [a, b] = [ownerOf(alice), ownerOf(bob)]
  const bobs = bob.rooms.identity.person
  const chat = alice.conversationWith(bob)
  await a.post(chat, { text: 'before', clientId: '1' })
  await settle()
  await b.deleteContact(alice.rooms.identity.person)
  await settle()
  t.match(a.contact(bobs), { state: 'ended', online: false, conversation: chat, name: 'bob' })
  t.match(b.contacts(), [{ state: 'removed', conversation: chat }])
  for (const owner of [a, b])
    await t.rejects(owner.post(chat, { text: 'after', clientId: '2' }), { code: 'NOT_ALLOWED' })
  t.match(a.conversation(chat), { title: 'bob', last: { text: 'before' } })
  t.match(await a.addContact({ contactId: bobs, note: 'again?' }, signal), { state: 'outgoing', note: 'again?' })
  await settle()
  t.match(b.contacts(), [{ state: 'incoming', note: 'again?', conversation: chat }])
  await b.patchContact(alice.rooms.identity.person, { state: 'declined' })
  await settle()
  t.match(a.contact(bobs), { state: 'outgoing', declined: true })
  await a.addContact({ contactId: bobs, note: 'please' }, signal)
  await settle(20_000)
  alice.place.greet(alice, bob)
  await settle()
  t.match(b.contacts(), [{ state: 'declined', askedAgain: true, note: 'please' }])
  await b.patchContact(alice.rooms.identity.person, { state: 'accepted' })
  await settle()
  await a.post(chat, { text: 'after', clientId: '2' })
  await settle()
  t.match(b.conversation(chat), { last: { text: 'after' } })
  await b.patchContact(alice.rooms.identity.person, { state: 'blocked' })
  await t.rejects(b.post(chat, { text: 'x', clientId: '3' }), { code: 'BLOCKED' })
})

t.test('asking by contact: unknown ids, long notes, strangers', async (t) => {
  const { alice, bob, start } = await aliceAndBob(t)
  const owner = ownerOf(alice)
  const carol = await start('carol')
  await t.rejects(owner.addContact({ contactId: carol.rooms.identity.person }, signal), { code: 'NOT_FOUND' })
  await t.rejects(owner.addContact({ contactId: 'x' }, signal), { code: 'BAD_SHAPE' })
  const note = 'x'.repeat(limits.noteCodePoints + 1)
  await t.rejects(owner.addContact({ contactId: bob.rooms.identity.person, note }, signal), { code: 'TOO_LARGE' })
  t.match(await owner.addContact({ contactId: bob.rooms.identity.person }, signal), { state: 'accepted' })
})

t.test('a link of somebody who was seen and is away: the request shows their name', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  const { person } = bob.rooms.identity
  const link = encodeContactLink({ person, devices: [{ prefix: devicePrefix(bob.id), addresses: [] }] })
  await ownerOf(alice, () => bob).look('bob.example', signal)
  t.match(await ownerOf(alice).addContact({ link }, signal), { state: 'outgoing', name: 'bob' })
})
