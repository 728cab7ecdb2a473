/** Entries that are on the disk and cannot be read: wanted again from peers, shown again once they are there, and nothing stops over them. */

import t from 'tap'
import { decodeKey, encodeKey } from '../../../daemon/store/keys.ts'
import { tables, type Table } from '../../../daemon/store/store.ts'
import { twoContacts, type Device } from '../../support/device.ts'

/** Rows of a table whose values open under no key any more, as after a flipped byte. */
function damage(device: Device, table: Table, which: (at: readonly number[]) => boolean): number {
  const rows = device.disk
    .snapshot()
    .between(encodeKey(table, []).toString('latin1'), encodeKey((table + 1) as Table, []).toString('latin1'))
    .map(({ bytes }) => ({ bytes, at: decodeKey(bytes) }))
    .filter(({ at }) => which(at))
  // Put under the key of the home, which is not the one that it will be opened with.
  const row = { value: new Uint8Array(9), token: device.disk.homeToken }
  device.disk.apply(rows.map(({ bytes }) => ({ bytes, row: { bytes, ...row } })))
  return rows.length
}

const between = (low: number, high: number) => (at: readonly number[]) => (at[2] ?? 0) >= low && (at[2] ?? 0) <= high

t.test('entries that cannot be read any more come back from a peer', async (t) => {
  for (const whose of ['own', 'foreign'] as const) {
    for (const [low, high] of [
      [11, 30],
      [38, 40],
      [40, 40],
    ] as const) {
      const { alice, bob, chat, place, settle } = await twoContacts(t)
      const author = whose === 'own' ? alice : bob
      for (let each = 0; each < 40; each += 1) await author.say(chat, `${each}`)
      await settle()
      const expected = await bob.texts(chat)
      await alice.stop()
      await settle()
      const number = alice.store.numberOf(chat)
      t.ok(damage(alice, tables.entry, (at) => at[0] === number && between(low, high)(at)) >= 1)
      await alice.start()
      t.ok((await alice.texts(chat)).length < 40, `${whose} ${low}: the rest is shown`)
      place.greetAll()
      await settle()
      t.strictSame(await alice.texts(chat), expected)
      await alice.say(chat, 'on')
      await settle()
      await bob.say(chat, 'and on')
      await settle()
      t.strictSame(await bob.texts(chat), [...expected, 'on', 'and on'])
      t.strictSame(await alice.texts(chat), [...expected, 'on', 'and on'])
    }
  }
})

t.test('damage that only a look finds comes back, too, while a peer asks for the same', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const copy = bob.disk.snapshot()
  for (let each = 0; each < 200; each += 1) await alice.say(chat, `${each}`)
  for (let each = 200; each < 400; each += 1) await bob.say(chat, `${each}`)
  await settle()
  const expected = await bob.texts(chat)
  const number = alice.store.numberOf(chat)
  // While it runs, and far behind what a start looks at.
  t.ok(damage(alice, tables.entry, (at) => at[0] === number && between(20, 23)(at)) >= 8)
  t.equal((await alice.texts(chat)).length, 392)
  await settle()
  place.greetAll()
  await settle(200_000)
  t.strictSame(await alice.texts(chat), expected)
  t.ok(damage(alice, tables.entry, (at) => at[0] === number && between(50, 53)(at)) >= 8)
  await bob.stop()
  await settle()
  bob.putBack(copy)
  await bob.start()
  place.greetAll()
  await settle(400_000)
  const got = new Set(await bob.texts(chat))
  t.strictSame(
    expected.filter((text) => !got.has(text)).toSorted(),
    ['249', '250', '251', '252', '49', '50', '51', '52'],
    'nobody has these, and all others come',
  )
})

t.test('what peers were known to hold and cannot be read is told again by links', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  for (let each = 0; each < 20; each += 1) await alice.say(chat, `${each}`)
  await settle()
  await alice.stop()
  await settle()
  t.ok(damage(alice, tables.peerHeld, () => true) >= 1)
  await alice.start()
  place.greetAll()
  await settle()
  t.equal((await alice.messages(chat))[0]?.state, 'delivered', 'links tell it again')
  t.strictSame(await alice.texts(chat), await bob.texts(chat))
})
