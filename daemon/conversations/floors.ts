/** Up to where feeds of a conversation were deleted for good. They outlive the conversation's key, and say nothing of what was said. */

import { decode, encode, readArray, readBytes, readUint } from '../../protocol/codec.ts'
import { feedKey, type Feed, type Lane } from '../../protocol/entry.ts'
import { deviceBytes, deviceIdOf, entryIdOf, generationOf, idBytes, scopeOf } from '../../protocol/ids.ts'
import type { RowFloor } from '../../protocol/vector.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import { feedName } from './rows.ts'
import { isSilenceRow } from './silences.ts'

/** The newest entry of a feed that was held when the conversation was deleted. */
export interface Floor extends RowFloor {
  readonly feed: Feed
  /** A fork of the feed had been proven by then: nothing of this generation is taken at all. */
  readonly frozen: boolean
}

/** By feedKey(). */
export type Floors = Map<string, Floor>

const floorRow = ({ feed, seq, id, frozen }: Floor): Uint8Array =>
  encode([
    idBytes(feed.scope),
    deviceBytes(feed.device),
    feed.lane,
    idBytes(feed.generation),
    seq,
    idBytes(id),
    frozen ? 1 : 0,
  ])

function readFloorRow(row: Uint8Array): Floor {
  const f = readArray(decode(row), 7)
  return {
    feed: {
      scope: scopeOf(readBytes(f[0], 32)),
      device: deviceIdOf(readBytes(f[1], 32)),
      lane: readUint(f[2], 1) as Lane,
      generation: generationOf(readBytes(f[3], 8)),
    },
    seq: readUint(f[4]),
    id: entryIdOf(readBytes(f[5], 32)),
    frozen: readUint(f[6], 1) === 1,
  }
}

/** All floors of this home, by the number of their conversation. */
export async function loadFloors(store: Store): Promise<Map<number, Floors>> {
  const all = new Map<number, Floors>()
  for (const { at, value } of await store.range(tables.floor)) {
    if (isSilenceRow(at)) continue
    const number = at[0] ?? 0
    const floor = readFloorRow(value)
    const floors = all.get(number) ?? new Map<string, Floor>()
    all.set(number, floors.set(feedKey(floor.feed), floor))
  }
  return all
}

/** Writes the floor of a feed of the conversation with this number. */
export function putFloor(batch: Batch, store: Store, conversation: number, floor: Floor): void {
  const key: Key = { table: tables.floor, at: [conversation, store.numberFor(batch, feedName(floor.feed))] }
  batch.put(key, floorRow(floor))
}
