import t from 'tap'
import type { Hello } from '../../../protocol/hello.ts'
import type { PersonId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const personOf = (device: Device): PersonId => device.rooms.identity.person
const stateOf = (device: Device, of: Device): string | undefined => device.rooms.book.get(personOf(of))?.state
const statesOf = (alice: Device, bob: Device): (string | undefined)[] => [stateOf(alice, bob), stateOf(bob, alice)]
const ask = async (from: Device, to: Device, note = ''): Promise<unknown> =>
  await from.rooms.contacts.request({ device: to.id, hello: to.sayHello(from) }, note)
/** What a device says out of turn. */
const say = (from: Device, to: Device, change: Partial<Hello>): void => {
  const hello = { ...from.sayHello(to), ...change }
  to.rooms.contacts.heard({ device: from.id, privateAddress: true, inbound: true }, hello)
}

type People = World & { alice: Device; bob: Device }
async function strangers(t: Parameters<typeof neighbourhood>[0]): Promise<People> {
  const world = neighbourhood(t)
  return { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
}

t.test('a contact is removed: the other side is told at once, and what was said stays on both', async (t) => {
  const { alice, bob, settle, place } = await strangers(t)
  const chat = await alice.befriend(bob, settle)
  await alice.say(chat, 'before')
  await settle()
  await bob.rooms.contacts.remove(personOf(alice))
  await settle()
  t.strictSame(statesOf(alice, bob), ['ended', 'removed'])
  t.equal(alice.rooms.presence.isOnline(personOf(bob)), false)
  t.equal(bob.rooms.book.get(personOf(alice))?.told, true)
  t.strictSame([alice.kept, bob.kept], [[], []], 'nobody dials any more')
  for (const each of [alice, bob]) t.strictSame(await each.texts(chat), ['before'])
  t.equal(alice.rooms.conversations.peers.maySee(bob.id, chat), false)
  place.greet(alice, bob)
  place.greet(bob, alice)
  await settle()
  t.strictSame(statesOf(alice, bob), ['ended', 'removed'], 'nobody comes back by themselves')
  // A stale hello, from before they were told.
  say(alice, bob, { wish: { is: 'contact', note: '', number: alice.rooms.book.get(personOf(bob))?.number ?? 0 } })
  await settle()
  t.equal(stateOf(bob, alice), 'removed')
})

for (const who of ['the one who ended it', 'the other one'] as const) {
  t.test(`after a removal ${who} asks again, and the conversation goes on`, async (t) => {
    const { alice, bob, settle } = await strangers(t)
    const chat = await alice.befriend(bob, settle)
    await alice.say(chat, 'before')
    await settle()
    await bob.rooms.contacts.remove(personOf(alice))
    await settle()
    const [asking, asked] = who === 'the one who ended it' ? [bob, alice] : [alice, bob]
    await asking.rooms.contacts.requestAgain(personOf(asked), 'again?')
    await settle()
    t.strictSame([stateOf(asking, asked), stateOf(asked, asking)], ['outgoing', 'incoming'])
    await asked.rooms.contacts.accept(personOf(asking))
    await settle()
    t.strictSame(statesOf(alice, bob), ['accepted', 'accepted'])
    t.equal(alice.conversationWith(bob), chat)
    await bob.say(chat, 'after')
    await settle()
    t.strictSame(await alice.texts(chat), ['before', 'after'])
  })
}

t.test('a request after a removal that is taken back, or declined', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await alice.befriend(bob, settle)
  await bob.rooms.contacts.remove(personOf(alice))
  await settle()
  await alice.rooms.contacts.requestAgain(personOf(bob), '')
  await settle()
  await alice.rooms.contacts.remove(personOf(bob))
  await settle()
  t.strictSame(statesOf(alice, bob), ['ended', 'ended'], 'former contacts still')
  await alice.rooms.contacts.requestAgain(personOf(bob), '')
  await settle()
  await bob.rooms.contacts.decline(personOf(alice))
  await settle()
  t.match(alice.rooms.book.get(personOf(bob)), { state: 'outgoing', refused: true })
  t.equal(stateOf(bob, alice), 'declined')
})

t.test('removed while away: told on the next hello, whoever comes', async (t) => {
  const { alice, bob, settle, place } = await strangers(t)
  const chat = await alice.befriend(bob, settle)
  place.part(alice, bob)
  await settle()
  await bob.rooms.contacts.remove(personOf(alice))
  await alice.say(chat, 'do you hear me?')
  await settle()
  t.equal(stateOf(alice, bob), 'accepted', 'she cannot know')
  t.strictSame(bob.kept, [alice.id], 'he tries to tell her')
  await bob.stop()
  await bob.start()
  t.strictSame(bob.kept, [alice.id])
  place.parted.clear()
  place.greetAll()
  await settle()
  t.strictSame(statesOf(alice, bob), ['ended', 'removed'])
  t.strictSame(bob.kept, [])
})

t.test('removed while away and asked again before they were back: as if nothing had been', async (t) => {
  const { alice, bob, settle, place } = await strangers(t)
  const chat = await alice.befriend(bob, settle)
  place.part(alice, bob)
  await settle()
  await bob.rooms.contacts.remove(personOf(alice))
  await bob.rooms.contacts.requestAgain(personOf(alice), 'sorry')
  await alice.say(chat, 'meanwhile')
  place.heal(alice, bob)
  await settle()
  t.strictSame(statesOf(alice, bob), ['accepted', 'accepted'])
  t.strictSame(await bob.texts(chat), ['meanwhile'])
})

t.test('both remove each other, then both ask at once', async (t) => {
  const { alice, bob, settle, place } = await strangers(t)
  const chat = await alice.befriend(bob, settle)
  place.part(alice, bob)
  await settle()
  await alice.rooms.contacts.remove(personOf(bob))
  await bob.rooms.contacts.remove(personOf(alice))
  place.heal(alice, bob)
  await settle()
  t.strictSame(statesOf(alice, bob), ['removed', 'removed'])
  t.strictSame([alice.kept, bob.kept], [[], []])
  await Promise.all([
    alice.rooms.contacts.requestAgain(personOf(bob), ''),
    bob.rooms.contacts.requestAgain(personOf(alice), ''),
  ])
  await settle()
  t.strictSame(statesOf(alice, bob), ['accepted', 'accepted'])
  t.equal(alice.conversationWith(bob), chat)
  await alice.say(chat, 'hello again')
  await settle()
  t.strictSame(await bob.texts(chat), ['hello again'])
})

t.test('a removal in the moment in which a removal is answered by a request', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await alice.befriend(bob, settle)
  await Promise.all([bob.rooms.contacts.remove(personOf(alice)), ask(alice, bob)])
  await settle()
  await Promise.all([alice.rooms.contacts.requestAgain(personOf(bob), ''), ask(bob, alice)])
  await settle()
  t.strictSame(statesOf(alice, bob), ['accepted', 'accepted'])
})

t.test('a no from a device that is not theirs changes nothing', async (t) => {
  const { alice, bob, start, settle } = await strangers(t)
  await alice.befriend(bob, settle)
  const mallory = await start('mallory')
  say(mallory, alice, { person: personOf(bob), wish: { is: 'declined', upTo: 2 ** 47 }, proof: [] })
  await settle()
  t.equal(stateOf(alice, bob), 'accepted')
})

t.test('a block is not told from being away', async (t) => {
  const { alice, bob, settle, place } = await strangers(t)
  await alice.befriend(bob, settle)
  await bob.rooms.contacts.block(personOf(alice))
  place.greetAll()
  await settle()
  t.equal(stateOf(alice, bob), 'accepted')
  await bob.rooms.contacts.remove(personOf(alice))
  place.greetAll()
  await settle()
  t.strictSame(statesOf(alice, bob), ['ended', 'removed'], 'a blocked contact that is removed is told')
})
