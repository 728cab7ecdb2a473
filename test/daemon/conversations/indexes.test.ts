/** Indexes are not sealed: what they say counts only as far as the sealed entries say so too. */

import t from 'tap'
import { encodeKey, encodeNumbers } from '../../../daemon/store/keys.ts'
import { tables, type IndexTable } from '../../../daemon/store/store.ts'
import { twoContacts, type Device } from '../../support/device.ts'

/** Puts a row as somebody with access to the disk could. */
function plant({ disk }: Device, table: IndexTable, at: readonly number[], numbers: readonly number[]): void {
  const bytes = encodeKey(table, at)
  disk.apply([{ bytes, row: { bytes, value: encodeNumbers(numbers), token: disk.homeToken } }])
}

t.test('rows of the order that contradict their entries, or lead nowhere, show nothing', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  for (const text of ['one', 'two', 'three']) await bob.say(chat, text)
  await settle()
  const expected = await alice.texts(chat)
  const [first] = await alice.store.rangeIndex(tables.order, { prefix: [alice.store.numberOf(chat) ?? 0] })
  const [scope = 0, wallMs = 0, count = 0, feed = 0, seq = 0] = first ?? []
  plant(alice, tables.order, [scope, wallMs + 1, count, feed, seq], [])
  plant(alice, tables.order, [scope, 0, 0, feed, seq], [])
  plant(alice, tables.order, [scope, wallMs, count, feed + 100, seq], [])
  plant(alice, tables.order, [scope, 2 ** 47, 0, feed, 10_000], [])
  plant(alice, tables.order, [scope, 7], [])
  t.strictSame(await alice.texts(chat), expected)
  await alice.stop()
  await alice.start()
  t.strictSame(await alice.texts(chat), expected)
})

t.test('a client id that leads to another message is damage, and never a second message', async (t) => {
  const { alice, chat } = await twoContacts(t)
  await alice.say(chat, 'one', 'first')
  await alice.say(chat, 'two', 'second')
  const rows = await alice.store.rangeIndex(tables.client, { prefix: [alice.store.numberOf(chat) ?? 0] })
  const places = rows.map((at) => alice.store.indexed({ table: tables.client, at }) ?? [])
  t.equal(rows.length, 2)
  for (const [each, at] of rows.entries()) plant(alice, tables.client, at, places[1 - each] ?? [])
  const { owner } = alice.rooms.conversations
  for (const clientId of ['first', 'second'])
    await t.rejects(owner.post(chat, 'again', clientId), { code: 'STORE_DAMAGED' })
  for (const at of rows) plant(alice, tables.client, at, [])
  await t.rejects(owner.post(chat, 'again', 'first'), { code: 'STORE_DAMAGED' })
  t.strictSame(await alice.texts(chat), ['one', 'two'])
  const signal = new AbortController().signal
  await alice.rooms.conversations.examiner.examine({ repair: true, signal, progress: () => undefined })
  const { created, message } = await owner.post(chat, 'again', 'first')
  t.strictSame([created, message.text], [false, 'one'])
})
