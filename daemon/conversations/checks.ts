/** What a received run must satisfy before anything of it is stored. */

import type { SealedHeader } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import type { Run } from '../../protocol/run.ts'
import type { Batch } from '../store/store.ts'
import { readEntryRow, type StoredEntry } from './rows.ts'
import { entryKey } from './scope-keys.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'

export type RunEntry = Run['entries'][number]

export const topOf = (run: Run): SealedHeader => (run.entries[0] as RunEntry).sealed
export const bottomOf = (run: Run): SealedHeader => (run.entries.at(-1) as RunEntry).sealed

/** What became of the runs of one frame. */
export interface Taken {
  readonly held: FeedRanges[]
  /** Own entries further down that are needed before those that came can be judged. */
  readonly lacking: FeedRanges[]
}

/** A run's entry as it is stored. */
export const storedEntry = ({ sealed, slot }: RunEntry, run: Run, storedAt: number): StoredEntry => ({
  sealed,
  storedAt,
  payload: slot.is === 'held' ? slot.payload : undefined,
  signature: sealed === run.entries[0]?.sealed ? run.signature : undefined,
})

/** Operations are each signed and travel one by one, so that any of them can be fetched alone. Throws BAD_SHAPE. */
export function checkOperationRun(run: Run): void {
  if (run.entries.length !== 1 || run.signature === undefined) {
    throw new WarrenError('BAD_SHAPE', 'an operation travels alone and signed')
  }
}

/** The header of an entry that is held here, staged or durable. Throws STORE_DAMAGED. */
export function heldHeader(
  batch: Batch,
  scope: ScopeState,
  feed: FeedState,
  seq: number,
): Pick<SealedHeader, 'id' | 'header'> | undefined {
  if (!holds(feed.staged.ranges, seq)) return undefined
  const key = entryKey(scope, feed.number, seq)
  const row = batch.get(key)
  if (row === undefined) {
    const { table, at } = key
    throw new WarrenError('STORE_DAMAGED', 'an entry that is held is not there', { details: { table, at } })
  }
  return readEntryRow(row).sealed
}

/** The id of an entry that is held here; that of the newest is known without a look at the disk. */
export const heldId = (batch: Batch, scope: ScopeState, feed: FeedState, seq: number): SealedHeader['id'] | undefined =>
  seq === feed.staged.seq ? feed.staged.head : heldHeader(batch, scope, feed, seq)?.id

/** Where a run is another chain than the one held. */
export interface Conflict {
  /** The number of an entry that is held. */
  readonly seq: number
  /** From the run's top down to the one that cannot be in one feed with it. */
  readonly headers: readonly SealedHeader[]
}

/** A conflict of a run with what is held: looked for where the two meet, so at most a few times a run. */
export function conflictOf(batch: Batch, scope: ScopeState, feed: FeedState, run: Run): Conflict | undefined {
  const { ranges } = feed.staged
  const headers = run.entries.map(({ sealed }) => sealed)
  const high = topOf(run)
  const low = bottomOf(run)
  // Inside the run, the highest entry that is held on both sides speaks for all below it.
  const at = headers.findIndex(({ header }) => holds(ranges, header.seq))
  const shared = headers[at]
  if (shared !== undefined && heldId(batch, scope, feed, shared.header.seq) !== shared.id)
    return { seq: shared.header.seq, headers: headers.slice(0, at + 1) }
  const above = heldHeader(batch, scope, feed, high.header.seq + 1)
  if (above !== undefined && above.header.prev !== high.id) return { seq: above.header.seq, headers: [high] }
  const below = heldId(batch, scope, feed, low.header.seq - 1)
  return below === undefined || low.header.prev === below ? undefined : { seq: low.header.seq - 1, headers }
}

/** Whether a run is another chain than the one held. */
export const contradicts = (batch: Batch, scope: ScopeState, feed: FeedState, run: Run): boolean =>
  conflictOf(batch, scope, feed, run) !== undefined

/** Whether an unsigned run hangs below an entry that is held; signed ones prove themselves. */
export function isProven(batch: Batch, scope: ScopeState, feed: FeedState | undefined, run: Run): boolean {
  if (run.signature !== undefined) return true
  const top = topOf(run)
  return feed !== undefined && heldHeader(batch, scope, feed, top.header.seq + 1)?.header.prev === top.id
}
