/** What a device holds of one scope: per feed the ranges, and the newest entry's id and time. */

import { compareBytes, label } from './bytes.ts'
import { encode, readArray, readBytes, readEach, readOptionalBytes, readUint, type Value } from './codec.ts'
import { sha256 } from './crypto.ts'
import type { Lane } from './entry.ts'
import { WarrenError } from './errors.ts'
import { maxCount, maxWallMs, type Hlc } from './hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
  entryIdOf,
  generationOf,
  idBytes,
  type DeviceId,
  type EntryId,
  type Generation,
} from './ids.ts'
import { limits } from './limits.ts'

/** Sequence numbers, both ends included. */
export type Range = readonly [from: number, to: number]

/** A feed without its scope, which the frame names once. */
export interface FeedName {
  readonly device: DeviceId
  readonly lane: Lane
  readonly generation: Generation
}

/** Up to where a device deleted a feed for good: nothing of it up to there is held, wanted or given any more. */
export interface RowFloor {
  readonly seq: number
  /** The entry that stood there. */
  readonly id: EntryId
}

export interface VectorRow extends FeedName {
  /** Held with payload (or rightly without): ascending, disjoint, not touching, above the floor. Empty only with a floor. */
  readonly ranges: readonly Range[]
  /** The newest held entry: the upper end of the last range. Undefined if nothing is held. */
  readonly head: EntryId | undefined
  readonly hlc: Hlc
  readonly floor?: RowFloor | undefined
}

const none = new Uint8Array(0)

export const feedNameValue = (name: FeedName): Value[] => [
  deviceBytes(name.device),
  name.lane,
  idBytes(name.generation),
]

export const readFeedName = (f: readonly Value[]): FeedName => ({
  device: deviceIdOf(readBytes(f[0], 32)),
  lane: readUint(f[1], 1) as Lane,
  generation: generationOf(readBytes(f[2], 8)),
})

/** Throws BAD_SHAPE for ranges that overlap, touch or run backwards. */
export function readRanges(value: Value | undefined): Range[] {
  let last = -1
  return readEach(value, limits.rowRanges, (item) => {
    const [a, b] = readArray(item, 2)
    const range = [readUint(a), readUint(b)] as const
    if (range[0] < 1 || range[1] < range[0] || range[0] <= last + 1) throw new WarrenError('BAD_SHAPE', 'wrong ranges')
    last = range[1]
    return range
  })
}

export const rowValue = (row: VectorRow): Value => [
  ...feedNameValue(row),
  row.ranges,
  row.head === undefined ? none : idBytes(row.head),
  row.hlc.wallMs,
  row.hlc.count,
  ...(row.floor === undefined ? [] : [row.floor.seq, idBytes(row.floor.id)]),
]

function readFloor([seq, id]: readonly Value[]): RowFloor | undefined {
  if (seq === undefined || readUint(seq) === 0) return undefined
  return { seq: readUint(seq), id: entryIdOf(readBytes(id, 32)) }
}

/** Throws BAD_SHAPE, TOO_LARGE. */
export function readRow(value: Value): VectorRow {
  const f = readArray(value, 7)
  const ranges = readRanges(f[3])
  const head = readOptionalBytes(f[4], 32)
  const floor = readFloor(f.slice(7))
  const low = ranges[0]?.[0]
  if ((low === undefined) !== (head === undefined)) throw new WarrenError('BAD_SHAPE', 'a head without ranges')
  if (low === undefined && floor === undefined) throw new WarrenError('BAD_SHAPE', 'a row without ranges')
  if (low !== undefined && low <= (floor?.seq ?? 0)) throw new WarrenError('BAD_SHAPE', 'a range below the floor')
  return {
    ...readFeedName(f),
    ranges,
    head: head === undefined ? undefined : entryIdOf(head),
    hlc: { wallMs: readUint(f[5], maxWallMs), count: readUint(f[6], maxCount) },
    ...(floor === undefined ? {} : { floor }),
  }
}

/** 16 bytes that are equal if two devices hold the same of a scope: rows in byte order, hashed. */
export function vectorDigest(rows: readonly VectorRow[]): Uint8Array {
  const encoded = rows.map((row) => encode(rowValue(row))).toSorted(compareBytes)
  return sha256(label('vector'), ...encoded).subarray(0, 16)
}

/** The parts of `wanted` that `held` lacks; both ascending and disjoint. In one pass: a peer chooses both. */
export function subtractRanges(wanted: readonly Range[], held: readonly Range[]): Range[] {
  const out: Range[] = []
  let first = 0
  for (const [from, to] of wanted) {
    while ((held[first]?.[1] ?? Infinity) < from) first += 1
    let at = from
    for (let index = first; index < held.length; index += 1) {
      const [low, high] = held[index] as Range
      if (low > to) break
      if (low > at) out.push([at, low - 1])
      at = high + 1
    }
    if (at <= to) out.push([at, to])
  }
  return out
}

/** Everything in either, merged where ranges touch or overlap; each ascending and disjoint. In one pass. */
export function mergeRanges(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  if (a.length === 0) return b
  if (b.length === 1 && b[0] !== undefined) return addRange(a, b[0])
  const out: Range[] = []
  for (let [left, right] = [0, 0]; left < a.length || right < b.length;) {
    const isLeft = (a[left]?.[0] ?? Infinity) <= (b[right]?.[0] ?? Infinity)
    const [from, to] = (isLeft ? a[left] : b[right]) as Range
    if (isLeft) left += 1
    else right += 1
    const last = out.at(-1)
    if (last !== undefined && from <= last[1] + 1) out[out.length - 1] = [last[0], Math.max(last[1], to)]
    else out.push([from, to])
  }
  return out
}

/** `ranges` with [from, to] added, merged where they touch. */
export function addRange(ranges: readonly Range[], [from, to]: Range): Range[] {
  let low = from
  let high = to
  const before: Range[] = []
  const after: Range[] = []
  for (const range of ranges) {
    if (range[1] < from - 1) before.push(range)
    else if (range[0] > to + 1) after.push(range)
    else {
      low = Math.min(low, range[0])
      high = Math.max(high, range[1])
    }
  }
  return [...before, [low, high], ...after]
}
