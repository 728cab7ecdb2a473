/** Sets of entries, written as ranges per feed: union, difference, size, and portions that fit a frame. */

import { feedOf } from '../../protocol/entry.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import { mergeRanges, subtractRanges, type FeedName, type Range } from '../../protocol/vector.ts'

export type Feeds = readonly FeedRanges[]

export const feedNameKey = ({ device, lane, generation }: FeedName): string => `${device}/${lane}/${generation}`

const nameOf = ({ device, lane, generation }: FeedName): FeedName => ({ device, lane, generation })

/** Everything in either, in the order in which feeds first appear. */
export function unite(...sets: readonly Feeds[]): Feeds {
  const filled = sets.filter((set) => set.length > 0)
  if (filled.length === 0) return []
  const united = new Map<string, FeedRanges>()
  for (const each of filled.flat()) {
    const key = feedNameKey(each)
    const before = united.get(key)
    if (before === undefined) united.set(key, { ...nameOf(each), ranges: each.ranges })
    else united.set(key, { ...before, ranges: mergeRanges(before.ranges, each.ranges) })
  }
  return [...united.values()]
}

/** What is in `from` and not in `without`. */
export function subtract(from: Feeds, without: Feeds): Feeds {
  if (from.length === 0 || without.length === 0) return from
  const held = new Map<string, readonly Range[]>()
  for (const each of without) {
    const before = held.get(feedNameKey(each))
    held.set(feedNameKey(each), before === undefined ? each.ranges : mergeRanges(before, each.ranges))
  }
  return from.flatMap((each) => {
    const ranges = subtractRanges(each.ranges, held.get(feedNameKey(each)) ?? [])
    return ranges.length === 0 ? [] : [{ ...nameOf(each), ranges }]
  })
}

/** Tells of sets of one feed whether all of them is in `feeds`, which is looked through once. */
export function within(feeds: Feeds): (some: FeedRanges) => boolean {
  const byName = new Map(feeds.map((each) => [feedNameKey(each), each.ranges]))
  return (some) => subtractRanges(some.ranges, byName.get(feedNameKey(some)) ?? []).length === 0
}

/** `feeds` without ranges whose upper end lies directly below something in `above`. */
export function notBelow(feeds: Feeds, above: Feeds): Feeds {
  return feeds.flatMap((each) => {
    const over = above.filter((other) => feedNameKey(other) === feedNameKey(each)).flatMap(({ ranges }) => ranges)
    const ranges = each.ranges.filter(([, end]) => !over.some(([from]) => from === end + 1))
    return ranges.length === 0 ? [] : [{ ...nameOf(each), ranges }]
  })
}

/** The upper ends of the first `most` feeds, about so many entries in all, and at least one of each. */
export function crown(feeds: Feeds, most: number, entries: number): Feeds {
  const some = feeds.slice(0, most)
  const each = Math.max(1, Math.floor(entries / Math.max(1, some.length)))
  return some.map((feed) => ({ ...nameOf(feed), ranges: upperEnd(feed.ranges, each) }))
}

function upperEnd(ranges: readonly Range[], entries: number): Range[] {
  const taken: Range[] = []
  let left = entries
  for (const [from, to] of ranges.toReversed()) {
    if (left <= 0) break
    const low = Math.max(from, to - left + 1)
    taken.unshift([low, to])
    left -= to - low + 1
  }
  return taken
}

/** How many entries a set names. */
export function count(feeds: Feeds): number {
  let entries = 0
  for (const { ranges } of feeds) for (const [from, to] of ranges) entries += to - from + 1
  return entries
}

export const isRoster = ({ lane }: FeedName): boolean => lane === 0

/** The entries that runs bring. */
export function feedsOf(runs: readonly Run[]): Feeds {
  const each = runs.flatMap(({ entries }): FeedRanges[] => {
    const top = entries[0]?.sealed
    const end = entries.at(-1)?.sealed
    if (top === undefined || end === undefined) return []
    return [{ ...nameOf(feedOf(top)), ranges: [[end.header.seq, top.header.seq]] }]
  })
  return each.length > 1 ? unite(each) : each
}

/** Upper bounds of what a name and a range add to a frame. */
const nameBytes = 56
const rangeBytes = 19
/** Room for the rest of a frame. */
export const portionBytes = limits.controlFrameBytes - 8 * 1024

/** Cuts a set into parts of which each fits one frame; the newest ranges of a feed come first. */
export function* portions(feeds: Feeds): Generator<Feeds, void> {
  let part: FeedRanges[] = []
  let bytes = 0
  for (const feed of feeds) {
    for (let end = feed.ranges.length; end > 0; end -= limits.rowRanges) {
      const ranges = feed.ranges.slice(Math.max(0, end - limits.rowRanges), end)
      const size = nameBytes + ranges.length * rangeBytes
      if (part.length === limits.vectorRows || bytes + size > portionBytes) {
        yield part
        part = []
        bytes = 0
      }
      part.push({ ...nameOf(feed), ranges })
      bytes += size
    }
  }
  if (part.length > 0) yield part
}
