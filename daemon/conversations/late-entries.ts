/** At open: takes in the entries that are on the disk and that the rows of their feeds do not know of yet (late-rows.ts). */

import { checkPayload, checkSignature, feedKey, feedOf, lanes } from '../../protocol/entry.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { addRange } from '../../protocol/vector.ts'
import { tables, type Row } from '../store/store.ts'
import type { Core } from './core.ts'
import { counted } from './counted.ts'
import type { LateRows } from './late-rows.ts'
import { isMessage, readEntryRow, type StoredEntry } from './rows.ts'
import { orderIn, type FeedState, type ScopeState } from './scope-state.ts'

const pageEntries = 1000

interface Late {
  /** Oldest first. */
  readonly entries: readonly StoredEntry[]
  /** The highest number that is there, readable or not. */
  readonly top: number
}

/** Before anything is written. Feeds and counts are then as they were when the last batch became durable. */
export async function takeLateEntries(core: Core, lateRows: LateRows): Promise<void> {
  for (const scope of core.scopes.all()) {
    if (scope.record.kind === 'person') continue
    for (const feed of scope.feeds.values()) {
      if (feed.feed.lane !== lanes.messages || feed.durable.frozen) continue
      const late = await lateOf(core, scope, feed)
      if (late.top === feed.durable.seq) continue
      takeIn(core, scope, feed, late)
      lateRows.doubt(scope)
    }
  }
}

async function lateOf(core: Core, scope: ScopeState, feed: FeedState): Promise<Late> {
  const { number } = scope
  const { seq, head } = feed.durable
  const entries: StoredEntry[] = []
  let below = { seq, head }
  let top = seq
  for (let after = seq; ;) {
    const unreadable: number[] = []
    const rows = await core.store.range(tables.entry, {
      prefix: [number, feed.number],
      under: number,
      after: [after],
      limit: pageEntries,
      damaged: (at) => void unreadable.push(at[2] ?? 0),
    })
    for (const row of rows) {
      const stored = readWhole(feed, below, row)
      // It was taken out before, and waits for a peer's to take its place.
      if (stored === undefined) continue
      entries.push(stored)
      below = { seq: stored.sealed.header.seq, head: stored.sealed.id }
    }
    // After an end in order all rows were written: what cannot be read there was taken out before.
    if (!core.store.closedCleanly) top = Math.max(top, ...unreadable)
    top = Math.max(top, below.seq)
    const last = Math.max(rows.at(-1)?.at[2] ?? 0, ...unreadable)
    if (last <= after) return { entries, top }
    after = last
  }
}

/** The entry of a row, if it is what its hashes and its place say. */
function readWhole(
  feed: FeedState,
  below: Pick<FeedState['durable'], 'seq' | 'head'>,
  { at, value }: Row,
): StoredEntry | undefined {
  try {
    const stored = readEntryRow(value)
    const { sealed, payload, signature } = stored
    const { seq, prev } = sealed.header
    const isHere = seq === at[2] && feedKey(feedOf(sealed)) === feedKey(feed.feed)
    if (!isHere || (seq === below.seq + 1 && prev !== below.head)) return undefined
    if (payload !== undefined) checkPayload(sealed, payload)
    if (signature !== undefined) checkSignature(sealed, signature)
    return stored
  } catch (error) {
    if (error instanceof WarrenError && errorCode(error) !== 'STORE_FAILED') return undefined
    throw error
  }
}

/** All up to the newest counts as held: what is missing below it was lost, and is found to be a moment later. */
function takeIn(core: Core, scope: ScopeState, feed: FeedState, { entries, top }: Late): void {
  const { durable } = feed
  const ranges = addRange(durable.ranges, [durable.seq + 1, top])
  const newest = entries.at(-1)?.sealed
  const named = newest === undefined ? {} : { seq: newest.header.seq, head: newest.id, hlc: newest.header.hlc }
  feed.durable = { ...durable, ranges, ...named }
  feed.staged = feed.durable
  const orders = entries.flatMap((each) => (isMessage(each) ? [orderIn(feed, each.sealed.header)] : []))
  const isForeign = core.people.personOf(feed.feed.device) !== core.self.person
  scope.record = counted(scope.record, { orders, isForeign, isNew: true })
  scope.staged = scope.record
  scope.changed()
  core.log('info', 'messages were there that no row had counted yet', { entries: entries.length })
}
