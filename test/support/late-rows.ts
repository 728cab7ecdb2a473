/** Two who have talked, and harm to the entries that no row of a feed knows of yet. */

import type { Test } from 'tap'
import { feedOf } from '../../protocol/entry.ts'
import { readEntryRow, readFeedRow } from '../../daemon/conversations/rows.ts'
import type { MemoryRow } from '../../daemon/store/memory-disk.ts'
import { decodeKey, encodeKey, keyText } from '../../daemon/store/keys.ts'
import { tables, type Table } from '../../daemon/store/store.ts'
import { twoContacts, type Device, type DeviceOptions, type Pair } from './device.ts'

export const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `${at + from}`)

/** Linked, and each has said something: every feed has its row. */
export async function talked(t: Test, options: Partial<DeviceOptions> = {}): Promise<Pair> {
  const pair = await twoContacts(t, 7, options)
  const { alice, bob, chat, settle } = pair
  await alice.say(chat, 'first')
  await settle()
  await bob.say(chat, 'second')
  await settle()
  await alice.rooms.conversations.owner.markRead(chat, alice.rooms.conversations.owner.record(chat).lastOrder)
  await settle()
  return pair
}

/** Up to which number the rows of the message feeds of `author` know, at `device`. */
export async function knownTo(device: Device, author: Device, pair: Pair): Promise<number[]> {
  const number = device.store.numberOf(pair.chat) ?? 0
  const rows = await device.store.range(tables.feed, { prefix: [number], under: number })
  return rows
    .map(({ value }) => readFeedRow(pair.chat, value))
    .filter(({ feed }) => feed.device === author.id && feed.lane === 1)
    .map(({ position }) => position.seq)
}

export const ownFeeds = (device: Device, { chat }: Pair) =>
  device.rooms.conversations.peers.vector(chat).filter((row) => row.device === device.id && row.lane === 1)

/** The rows of some entries of a feed as they lie on the disk. */
export function entryRows(
  device: Device,
  number: number | undefined,
  feed: number,
  seqs: readonly number[],
): MemoryRow[] {
  const [from, to] = [tables.entry, tables.entry + 1].map((table) => encodeKey(table as Table, []).toString('latin1'))
  return device.disk.between(from ?? '', to ?? '').filter(({ bytes }) => {
    const [scope, own, seq = 0] = decodeKey(bytes)
    return scope === number && own === feed && seqs.includes(seq)
  })
}

/** Gone as LevelDB drops a block, unreadable as after a flipped byte, or in a block that cannot be read. Tells how many. */
export function harm(
  device: Device,
  how: 'lose' | 'damage' | 'hide',
  number: number | undefined,
  feed: number,
  seqs: readonly number[],
): number {
  const hit = entryRows(device, number, feed, seqs)
  const bad = { value: new Uint8Array(9), token: device.disk.homeToken }
  if (how === 'hide') for (const { bytes } of hit) device.disk.unreadable.add(keyText(bytes))
  else device.disk.apply(hit.map(({ bytes }) => ({ bytes, row: how === 'lose' ? undefined : { bytes, ...bad } })))
  return hit.length
}

/** The number of the feed that `author` writes its messages to, in the rows of `device`. */
export async function feedNumber(device: Device, author: Device, { chat }: Pair): Promise<number> {
  const number = device.store.numberOf(chat) ?? 0
  const rows = await device.store.range(tables.entry, { prefix: [number], under: number })
  const own = rows.find(({ value }) => {
    const { device: by, lane } = feedOf(readEntryRow(value).sealed)
    return by === author.id && lane === 1
  })
  return own?.at[1] ?? 0
}
