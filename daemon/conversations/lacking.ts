/** How far feeds are held here, and what of that which a device says to hold is wanted. */

import { lanes, type Feed } from '../../protocol/entry.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { subtractRanges, type FeedName, type Range } from '../../protocol/vector.ts'
import type { Core } from './core.ts'
import type { Recovery } from './recovery.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { clip } from './serve.ts'

/** Up to which number a feed of `state` is held here without a gap; what was deleted counts as held. */
export function heldUpTo(state: ScopeState | undefined, feed: Feed): number {
  const floor = state?.floorOf(feed)?.seq ?? 0
  const held = state?.feed(feed)?.durable.ranges.find(([from]) => from <= floor + 1)
  return Math.max(floor, held?.[1] ?? 0)
}

/** Of each feed what is neither held nor deleted here, and may count; feeds of which nothing is wanted are left out. */
export function lackingOf(
  core: Core,
  recovery: Pick<Recovery, 'wanted'>,
  state: ScopeState,
  feeds: readonly FeedRanges[],
): FeedRanges[] {
  const { scope } = state.record
  return feeds.flatMap(({ ranges, device, lane, generation }): FeedRanges[] => {
    const name = { device, lane, generation }
    const floor = state.floorOf({ scope, ...name })
    const low = state.lowOf({ scope, ...name })
    const above = low === 0 ? ranges : subtractRanges(ranges, [[1, low]])
    const lacking = floor?.frozen === true ? [] : wantedOf(core, recovery, state, name, above)
    return lacking.length === 0 ? [] : [{ ...name, ranges: lacking }]
  })
}

function wantedOf(
  core: Core,
  recovery: Pick<Recovery, 'wanted'>,
  state: ScopeState,
  name: FeedName,
  all: readonly Range[],
): Range[] {
  const feed = state.feed({ scope: state.record.scope, ...name })
  const ranges = countingOf(core, state, name, feed, all)
  if (feed === undefined) return ranges
  const { durable } = feed
  const isOwn = feed.feed.device === core.self.device
  const wanted = isOwn ? recovery.wanted(feed) : undefined
  if (wanted !== undefined) return subtractRanges(ranges, outside(wanted))
  if (!durable.frozen) return subtractRanges(ranges, durable.ranges)
  // Of a mended fork of our own only gaps are wanted: what lies above was said again.
  return isOwn ? subtractRanges(ranges, [...durable.ranges, [durable.seq + 1, Number.MAX_SAFE_INTEGER]]) : []
}

/** What of it may count, as far as that is known. */
function countingOf(
  { store, people, ends }: Core,
  state: ScopeState,
  name: FeedName,
  feed: FeedState | undefined,
  ranges: readonly Range[],
): Range[] {
  if (state.record.kind !== 'group') return [...ranges]
  if (name.lane === lanes.roster) return subtractRanges(ranges, state.branchesOf(name))
  if (feed === undefined) return people.groupOf(state).endOf(name) === 'none' ? [] : [...ranges]
  return clip(ranges, ends.wanted(store, state, feed))
}

/** Everything but one range. */
const outside = ([low, high]: Range): Range[] => [
  ...(low > 1 ? [[1, low - 1] as const] : []),
  [high + 1, Number.MAX_SAFE_INTEGER],
]
