import t from 'tap'
import { limits } from '../../../protocol/limits.ts'
import type { PersonId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const personOf = (device: Device): PersonId => device.rooms.identity.person
const stateOf = (device: Device, of: Device): string | undefined => device.rooms.book.get(personOf(of))?.state
const statesOf = (alice: Device, bob: Device): (string | undefined)[] => [stateOf(alice, bob), stateOf(bob, alice)]
const ask = async (from: Device, to: Device, note = ''): Promise<unknown> =>
  await from.rooms.contacts.request({ device: to.id, hello: to.sayHello(from) }, note)

type People = World & { alice: Device; bob: Device }
async function strangers(t: Parameters<typeof neighbourhood>[0]): Promise<People> {
  const world = neighbourhood(t)
  return { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
}

/** Alice has asked, Bob has said no. */
async function declined(t: Parameters<typeof neighbourhood>[0]): Promise<People> {
  const people = await strangers(t)
  const { alice, bob, settle } = people
  await ask(alice, bob, 'please')
  await settle()
  await bob.rooms.contacts.decline(personOf(alice))
  await settle()
  return people
}

t.test('a declined person sees it, asks again, and is shown again a day after the first time', async (t) => {
  const { alice, bob, settle } = await declined(t)
  t.match(alice.rooms.book.get(personOf(bob)), { state: 'outgoing', refused: true })
  const shownAt = bob.rooms.book.require(personOf(alice)).shownAt
  await alice.rooms.contacts.requestAgain(personOf(bob), 'pretty please')
  t.match(alice.rooms.book.get(personOf(bob)), { state: 'outgoing', refused: false, note: 'pretty please' })
  await settle(20_000)
  alice.place.greetAll()
  await settle()
  t.equal(alice.rooms.book.get(personOf(bob))?.refused, false, 'an older no is no answer to it')
  const record = bob.rooms.book.require(personOf(alice))
  t.match(record, { state: 'declined', note: 'pretty please' })
  t.ok(bob.rooms.contacts.asksAgain(record), 'who looks at the list sees it')
  await settle(shownAt + limits.requestAgainMs - 1 - bob.place.timers.now())
  await bob.rooms.contacts.showDue()
  t.equal(stateOf(bob, alice), 'declined', 'not a moment too early')
  await settle(1)
  await bob.rooms.contacts.showDue()
  t.match(bob.rooms.book.require(personOf(alice)), { state: 'incoming', note: 'pretty please' })
  await bob.rooms.contacts.accept(personOf(alice))
  await settle()
  t.strictSame(statesOf(alice, bob), ['accepted', 'accepted'])
})

t.test('a declined request can be accepted, blocked and forgotten later, also after a restart', async (t) => {
  const { alice, bob, settle } = await declined(t)
  await bob.stop()
  await bob.start()
  t.match(bob.rooms.book.require(personOf(alice)), { state: 'declined', note: 'please' })
  await bob.rooms.contacts.accept(personOf(alice))
  await settle()
  t.strictSame(statesOf(alice, bob), ['accepted', 'accepted'])
})

t.test('a forgotten request does not come back by itself, and a new one is a new one', async (t) => {
  const { alice, bob, settle } = await declined(t)
  await bob.rooms.contacts.remove(personOf(alice))
  alice.place.greet(alice, bob)
  await settle()
  t.throws(() => bob.rooms.book.require(personOf(alice)), { code: 'NOT_FOUND' })
  t.match(bob.rooms.book.get(personOf(alice)), { note: '', proof: new Uint8Array(0) }, 'but the answer is kept alone')
  await settle(limits.requestAgainMs)
  alice.place.greet(alice, bob)
  await settle()
  t.throws(() => bob.rooms.book.require(personOf(alice)), { code: 'NOT_FOUND' })
  await alice.rooms.contacts.requestAgain(personOf(bob), '')
  await settle()
  t.equal(bob.rooms.book.require(personOf(alice)).state, 'incoming')
})

t.test('a blocked person may ask for years', async (t) => {
  const { alice, bob, settle } = await declined(t)
  await bob.rooms.contacts.block(personOf(alice))
  bob.events.length = 0
  for (let each = 0; each < 3; each += 1) {
    await alice.rooms.contacts.requestAgain(personOf(bob), '')
    await settle(limits.requestAgainMs)
    alice.place.greetAll()
    await bob.rooms.contacts.showDue()
  }
  t.strictSame([stateOf(bob, alice), bob.events], ['blocked', []])
  await bob.rooms.contacts.unblock(personOf(alice))
  await settle()
  t.equal(stateOf(bob, alice), 'incoming', 'unblocked, they ask still')
})

t.test('who withdraws and asks again and again is shown three times a day', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  let shown = 0
  for (let each = 0; each < 2 * limits.requestShowings; each += 1) {
    await ask(alice, bob)
    await settle()
    if (stateOf(bob, alice) === 'incoming') shown += 1
    await alice.rooms.contacts.remove(personOf(bob))
    await settle()
    t.equal(stateOf(bob, alice), undefined)
  }
  t.equal(shown, limits.requestShowings)
  await settle(limits.requestAgainMs)
  await ask(alice, bob)
  await settle()
  t.equal(stateOf(bob, alice), 'incoming')
})

t.test('a note that is changed soon after it was sent: a no is a no to the newest', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(alice, bob, 'frist')
  await settle()
  await alice.rooms.contacts.requestAgain(personOf(bob), 'first')
  await settle()
  await bob.rooms.contacts.decline(personOf(alice))
  await settle()
  t.match(alice.rooms.book.get(personOf(bob)), { refused: true })
})

t.test('a clock that went back: a new request is new all the same', async (t) => {
  const world = neighbourhood(t)
  const bob = await world.start('bob')
  const alice = await world.start('alice')
  await alice.befriend(bob, async () => await world.settle())
  const before = alice.rooms.book.require(personOf(bob)).number
  await bob.rooms.contacts.remove(personOf(alice))
  await world.settle()
  await alice.rooms.book.change(personOf(bob), { number: before + 10 ** 11 })
  await alice.rooms.contacts.requestAgain(personOf(bob), '')
  t.equal(alice.rooms.book.require(personOf(bob)).number, before + 10 ** 11 + 1)
  // The record was lost, and the clock with it: the no that comes back tells how far to go.
  await alice.rooms.book.remove(personOf(bob))
  await bob.rooms.book.change(personOf(alice), { state: 'removed', answered: before + 10 ** 12 })
  await ask(alice, bob)
  await world.settle()
  t.match(alice.rooms.book.get(personOf(bob)), { refused: true })
  await alice.rooms.contacts.requestAgain(personOf(bob), '')
  await world.settle()
  t.equal(stateOf(bob, alice), 'incoming')
})
