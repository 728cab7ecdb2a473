/** Deletions and copies from before them: of the database, or of the whole home. */

import t from 'tap'
import { decodeKey, encodeKey } from '../../../daemon/store/keys.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { tables, type Table } from '../../../daemon/store/store.ts'
import { codeOf } from '../../contracts/store-harness.ts'
import { owner, tablesWith, talked } from '../../support/talked.ts'

t.test('an older copy of the database stays shut with the keys of today', async (t) => {
  const { alice, chat, settle } = await talked(t)
  const older = alice.disk.snapshot()
  await owner(alice).delete(chat)
  await settle()
  const today = alice.disk
  for (const wanted of [true, false]) {
    const mixed = older.snapshot()
    mixed.inUse = false
    if (wanted) mixed.tokens = new Map(today.tokens)
    const store = await openMemoryStore(mixed)
    const number = store.numberOf(chat) ?? 0
    const codes = await Promise.all(
      [tables.entry, tables.state, tables.register, tables.feed, tables.epoch].map(
        async (table) => await codeOf(() => store.range(table, { prefix: [number], under: number })),
      ),
    )
    t.strictSame([...new Set(codes)], [wanted ? 'STORE_DAMAGED' : 'nothing was thrown'])
    await store.close()
  }
})

t.test('it starts with a database from before a deletion, and the keys of today', async (t) => {
  for (const when of ['the key is dropped', 'there is a new one'] as const) {
    const { alice, bob, chat, place, settle } = await talked(t)
    const number = alice.store.numberOf(chat) ?? 0
    const older = alice.disk.snapshot()
    await owner(alice).delete(chat)
    await settle()
    await alice.stop()
    await settle()
    const tokens = new Map(alice.disk.tokens)
    if (when === 'the key is dropped') tokens.delete(number)
    alice.putBack(older)
    alice.disk.tokens = tokens
    await alice.start()
    await settle()
    t.strictSame(await alice.texts(chat), [], when)
    t.equal(owner(alice).record(chat).draft, '', 'nothing of it is known')
    t.strictSame(tablesWith(alice, number), ['conversation', 'dictionary', 'state'], 'and nothing is left of it')
    place.greetAll()
    await settle(130_000)
    await bob.say(chat, 'later')
    await settle()
    await alice.say(chat, 'and an answer')
    await settle(130_000)
    t.strictSame((await alice.texts(chat)).slice(-2), ['later', 'and an answer'])
    t.strictSame((await bob.texts(chat)).slice(-2), ['later', 'and an answer'])
    t.equal((await bob.texts(chat)).length, 12)
    await alice.stop()
    await alice.start()
    t.strictSame((await alice.texts(chat)).slice(-2), ['later', 'and an answer'])
    t.strictSame(alice.complaints, [])
  }
})

t.test('what is damaged is not taken for deleted', async (t) => {
  const { alice, chat } = await talked(t)
  const number = alice.store.numberOf(chat) ?? 0
  await alice.stop()
  const [from, to] = [tables.state, tables.state + 1].map((table) => encodeKey(table as Table, []).toString('latin1'))
  const rows = alice.disk.between(from ?? '', to ?? '').filter(({ bytes }) => decodeKey(bytes)[0] === number)
  alice.disk.apply(rows.map((row) => ({ bytes: row.bytes, row: { ...row, token: { conversation: number } } })))
  t.equal(rows.length, 1)
  await t.rejects(alice.start(), { code: 'STORE_DAMAGED' })
  t.ok(tablesWith(alice, number).includes('entry'))
})

t.test('an older home whose peer deleted the conversation loses no word', async (t) => {
  const { alice, bob, chat, place, settle } = await talked(t)
  const copy = alice.disk.snapshot()
  await alice.say(chat, 'after the copy')
  await settle()
  await alice.stop()
  await settle()
  await owner(bob).delete(chat)
  alice.putBack(copy)
  await alice.start()
  place.greetAll()
  await settle()
  await alice.say(chat, 'linked again')
  await settle()
  t.strictSame(await bob.texts(chat), ['linked again'])
})
