/** Forks in an export: proven where what proves them is kept, and told of as the exporter's word where it is not. */

import t from 'tap'
import { tables } from '../../../daemon/store/store.ts'
import { twoContacts, type Pair } from '../../support/device.ts'
import { briefly, checked, entriesOf, exported, textsOf, verdictOn } from '../../support/exported.ts'
import { lose, rowsOf } from '../../support/lost-rows.ts'
import { Pen } from '../../support/pen.ts'
import { count } from '../../support/talked.ts'

/** Bob writes `held`, which Alice has, and `other` behind its first entry, which is brought then. */
async function fork(t: Parameters<typeof twoContacts>[0], held: number, other: number): Promise<Pair> {
  const pair = await twoContacts(t)
  const { alice, bob, chat: id } = pair
  const pen = new Pen(bob.rooms.identity, id)
  const first = pen.writeMany(held)
  pen.goOnFrom(first[0])
  const second = pen.writeMany(other, 'in its place')
  for (const each of [first, second]) await alice.rooms.conversations.peers.accept(id, [pen.run(each)], bob.id)
  return pair
}

t.test('a fork is told of where it is, with the headers that prove it to anybody', async (t) => {
  // Up to where both are: the shorter one alone, or the end of the longer one down to the end of the shorter one.
  for (const [held, other, after, headers] of [
    [2, 1, 2, 1],
    [5, 2, 3, 1],
    [3, 6, 3, 5],
  ] as const) {
    const { alice, bob, chat: id } = await fork(t, held, other)
    await alice.stop()
    await alice.start()
    const text = await exported(alice, id)
    const lines = entriesOf(text)
    t.strictSame(
      lines.map(({ is }) => is),
      [...count(after, '').map(() => 'unreadable'), 'fork', ...count(held - after, '').map(() => 'unreadable')],
    )
    t.match(lines[after], { device: bob.id, after, headers: { length: headers } })
    const report = await checked(text)
    t.match(report, { entries: held, forks: { proven: 1, unproven: 0 } })
    t.strictSame(
      report.persons.map(({ devices }) => devices.map(({ forks }) => forks)),
      [[0], [1]],
    )
    t.equal(await verdictOn(text.replace(`"after":${after}`, `"after":${after - 1}`)), 'BAD_HASH')
  }
})

t.test('without what proves it a fork is what the exporter says', async (t) => {
  const { alice, chat: id } = await fork(t, 3, 1)
  lose(alice, tables.fork, () => true)
  const text = await exported(alice, id)
  t.match(entriesOf(text).at(-1), { is: 'fork', after: 3 })
  t.match(await checked(text), { forks: { proven: 0, unproven: 1 } })
})

t.test('one who was put back proves both histories of their own device', async (t) => {
  const { alice, bob, chat: id, place, settle } = await twoContacts(t)
  for (const each of [alice, bob]) {
    await each.say(id, 'said')
    await settle()
  }
  const copy = alice.disk.snapshot()
  await alice.say(id, 'delivered')
  await settle()
  await alice.stop()
  await settle()
  alice.putBack(copy)
  await alice.start()
  await alice.say(id, 'said alone')
  place.greetAll()
  await settle(10_000)
  const text = await exported(alice, id)
  const texts = await alice.texts(id)
  t.strictSame(textsOf(text).toSorted(), texts.toSorted())
  t.match(await checked(text), { messages: 4, forks: { proven: 1, unproven: 0 } })
})

t.test('what proves a fork goes with its conversation', async (t) => {
  const { alice, chat: id } = await fork(t, 3, 1)
  t.equal(rowsOf(alice, tables.fork).length, 1)
  await alice.rooms.conversations.owner.delete(id)
  t.strictSame(rowsOf(alice, tables.fork), [])
})

t.test('of a device that no log names nothing is said but that it proves nothing', async (t) => {
  const { alice, bob, chat: id } = await twoContacts(t)
  const pen = new Pen(bob.rooms.identity, id)
  const [, , ...held] = pen.writeMany(4)
  pen.goOnFrom(held[0])
  for (const each of [held, [pen.write('in its place')]])
    await alice.rooms.conversations.peers.accept(id, [pen.run(each)], bob.id)
  const known = await exported(alice, id)
  t.strictSame(entriesOf(known).map(briefly), ['1-2 missing', 'unreadable', 'unreadable', 'fork'])
  t.match(await checked(known), { forks: { proven: 1 } })
  const person = alice.store.numberOf(bob.rooms.identity.person)
  const lost = (at: readonly number[]): boolean => at[0] === person
  await alice.stop()
  lose(alice, tables.entry, lost)
  lose(alice, tables.feed, lost)
  await alice.start()
  const text = await exported(alice, id)
  t.strictSame(entriesOf(text).map(briefly), ['1-2 unproven', '3-3 unproven', '4-4 unproven'])
  t.match(await checked(text), { entries: 0, gaps: { missing: 0, unproven: 4 }, forks: { proven: 0, unproven: 0 } })
})
