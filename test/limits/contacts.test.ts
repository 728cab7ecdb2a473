import t from 'tap'
import { newRecord } from '../../daemon/contacts/contact-record.ts'
import { Showings } from '../../daemon/contacts/showings.ts'
import { mayShowAgain } from '../../daemon/contacts/wish.ts'
import { personIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { neighbourhood, type Device } from '../support/device.ts'
import { boundary } from './boundary.ts'

const person = personIdOf(new Uint8Array(32).fill(1))
const at = 1_760_000_000_000

t.test('a declined request is shown again after a day, not a moment earlier', async (t) => {
  const declined = { ...newRecord(person, 'declined', at), shownAt: at }
  const after = limits.requestAgainMs
  await boundary(
    t,
    'requestAgainMs',
    () => mayShowAgain(declined, at + after),
    () => mayShowAgain(declined, at + after - 1),
    'no',
  )
  t.ok(mayShowAgain(declined, at - 1), 'a clock that went back silences nobody')
})

t.test('a request that is withdrawn and made again is shown so often a day', async (t) => {
  const shown = (times: number): Showings => {
    const showings = new Showings()
    for (let each = 0; each < times; each += 1) showings.note(person, at + each)
    return showings
  }
  const last = limits.requestShowings - 1
  await boundary(
    t,
    'requestShowings',
    () => shown(last).may(person, at + last),
    () => shown(last + 1).may(person, at + last),
    'no',
  )
  t.ok(shown(last + 1).may(person, at + limits.requestAgainMs), 'the first one is a day old')
})

t.test('a former contact is tried to be told for a month', async (t) => {
  const { start, settle, place } = neighbourhood(t)
  const [alice, bob] = [await start('alice'), await start('bob')]
  await alice.befriend(bob, settle)
  place.part(alice, bob)
  await settle()
  await bob.rooms.contacts.remove(alice.rooms.identity.person)
  const { changedAt } = bob.rooms.book.require(alice.rooms.identity.person)
  const isTriedAfter = async (ms: number): Promise<boolean> => {
    await settle(changedAt + ms - place.timers.now())
    bob.rooms.contacts.refreshKept()
    return bob.kept.includes(alice.id)
  }
  await boundary(
    t,
    'farewellMs',
    async () => await isTriedAfter(limits.farewellMs - 1),
    async () => await isTriedAfter(limits.farewellMs),
    'no',
  )
})

t.test('declined requests are kept, the oldest forgotten', async (t) => {
  const { start, settle } = neighbourhood(t)
  const alice = await start('alice')
  let first: Device | undefined
  const decline = async (count: number): Promise<boolean> => {
    for (let each = 0; each < count; each += 1) {
      const stranger = await start(`stranger ${each}`)
      first ??= stranger
      await stranger.rooms.contacts.request({ device: alice.id, hello: alice.sayHello(stranger) }, '')
      await settle()
      await alice.rooms.contacts.decline(stranger.rooms.identity.person)
    }
    return first !== undefined && alice.rooms.book.get(first.rooms.identity.person)?.hidden === false
  }
  await boundary(
    t,
    'declinedRequests',
    async () => await decline(limits.declinedRequests),
    async () => await decline(1),
    'no',
  )
  const listed = alice.rooms.book.all().filter(({ hidden }) => !hidden)
  t.equal(listed.length, limits.declinedRequests)
})
