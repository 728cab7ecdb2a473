/**
 * Operations of a group that stand at a place where another one is held: both branches of a fork are taken (section 9 of the
 * protocol), and the second lies beside the feed.
 */

import { feedKey, type Feed } from '../../protocol/entry.ts'
import type { DeviceId, EntryId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import { loggedOf, entryRow, readEntryRow, type StoredEntry } from './rows.ts'

import type { FeedState, ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'
import { leftOut, wholeRow } from './whole-row.ts'

export interface Branch {
  readonly feed: Feed
  readonly seq: number
  readonly key: Key
}

const branchKey = (scope: ScopeState, feed: FeedState, seq: number, count: number): Key => ({
  table: tables.branch,
  at: [scope.number, feed.number, seq, count],
  under: scope.number,
})

/** Puts an operation beside its feed. */
export function putBranch(batch: Batch, staging: Staging, feed: FeedState, stored: StoredEntry): void {
  const { scope } = staging
  const { seq } = stored.sealed.header
  // From what is known on: to look for a free place from the first one would cost more with each fork. What is damaged is not known.
  let count = scope.branches.size
  while (wholeRow(batch, branchKey(scope, feed, seq, count)) !== undefined) count += 1
  const key = branchKey(scope, feed, seq, count)
  batch.put(key, entryRow(stored))
  staging.addBranch(stored.sealed.id, { feed: feed.feed, seq, key })
  staging.addOperation(loggedOf(stored))
}

/** What lies beside the feeds of a scope. */
export async function loadBranches(store: Store, scope: ScopeState): Promise<LoggedOperation[]> {
  const { number } = scope
  const rows = await store.range(tables.branch, { prefix: [number], under: number, damaged: leftOut })
  return rows.flatMap(({ at, value }) => {
    const feed = scope.feedNumbered(at[1] ?? 0)
    if (feed === undefined) return []
    const stored = readEntryRow(value)
    const { id, header } = stored.sealed
    scope.branches.set(id, { feed: feed.feed, seq: header.seq, key: { table: tables.branch, at, under: number } })
    return [loggedOf(stored)]
  })
}

/** A branch that is kept, as far as it can be read. */
export function readBranch(store: Store, { branches }: ScopeState, id: EntryId): StoredEntry | undefined {
  const found = branches.get(id)
  const row = found === undefined ? undefined : wholeRow(store, found.key)
  return row === undefined ? undefined : readEntryRow(row)
}

/** Whether one more operation of a device is kept: what others have forked takes no room from it. */
export function hasRoomFor(
  scope: Pick<ScopeState, 'branches' | 'feedsOf'>,
  device: DeviceId,
  lane: Feed['lane'],
): boolean {
  const { branches } = scope
  const feeds = scope.feedsOf(device, lane)
  if (feeds.length >= limits.groupOperations) return false
  const held = feeds.flatMap(({ staged }) => staged.ranges).reduce((sum, [from, to]) => sum + to - from + 1, 0)
  // Seldom does anybody fork: whose branches they are is asked only where it matters.
  if (held + branches.size < limits.groupOperations) return true
  const forked = [...branches.values()].filter(({ feed }) => feed.device === device).length
  return held + forked < limits.groupOperations
}

/** The places of a feed beside which something lies. */
export function branchRanges({ branches }: Pick<ScopeState, 'branches'>, feed: Feed): readonly Range[] {
  let ranges: readonly Range[] = []
  if (branches.size === 0) return ranges
  for (const each of branches.values())
    if (feedKey(each.feed) === feedKey(feed)) ranges = addRange(ranges, [each.seq, each.seq])
  return ranges
}
