/** At open: takes in the entries that are on the disk and that the rows of their feeds do not know of yet (late-rows.ts). */

import { checkPayload, checkSignature, feedKey, feedOf, lanes } from '../../protocol/entry.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
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
  /** Numbers of rows that are there and hold no whole entry. */
  readonly unread: readonly number[]
}

/** By feed the numbers that count as held from now on, and whose rows could not be read. */
export type Unread = ReadonlyMap<FeedState, readonly Range[]>

/** Before anything is written. Feeds and counts are then as they were when the last batch became durable. */
export async function takeLateEntries(core: Core, lateRows: LateRows): Promise<Unread> {
  const unread = new Map<FeedState, readonly Range[]>()
  for (const scope of core.scopes.all()) {
    if (scope.record.kind === 'person') continue
    for (const feed of scope.feeds.values()) {
      if (feed.feed.lane !== lanes.messages || feed.durable.frozen) continue
      const late = withoutGivenUp(feed, await lateOf(core, scope, feed))
      if (late.entries.length + late.unread.length === 0) continue
      unread.set(feed, asRanges(late.unread))
      takeIn(core, scope, feed, late)
      lateRows.doubt(scope, 'found')
    }
  }
  return unread
}

const asRanges = (seqs: readonly number[]): readonly Range[] =>
  seqs.reduce<readonly Range[]>((ranges, seq) => addRange(ranges, [seq, seq]), [])

/** What cannot be read up to the highest number was lost before, and waits for a peer's to take its place. */
const withoutGivenUp = ({ durable: { highest } }: FeedState, { entries, unread }: Late): Late => ({
  entries,
  unread: unread.filter((seq) => seq > highest),
})

async function lateOf(core: Core, scope: ScopeState, feed: FeedState): Promise<Late> {
  const { number } = scope
  const { seq, head } = feed.durable
  const entries: StoredEntry[] = []
  const unread: number[] = []
  let below = { seq, head }
  for (let after = seq; ;) {
    const shut: number[] = []
    const rows = await core.store.range(tables.entry, {
      prefix: [number, feed.number],
      under: number,
      after: [after],
      limit: pageEntries,
      // Without numbers: a part of the disk, which Losses asks about again.
      damaged: ([, , at]) => void (at !== undefined && shut.push(at)),
    })
    for (const row of rows) {
      const stored = readWhole(feed, below, row)
      if (stored === undefined) {
        unread.push(row.at[2] ?? 0)
        continue
      }
      entries.push(stored)
      below = { seq: stored.sealed.header.seq, head: stored.sealed.id }
    }
    unread.push(...shut)
    const last = Math.max(rows.at(-1)?.at[2] ?? 0, ...shut)
    if (last <= after) return { entries, unread }
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

/** All that is new up to the newest counts as held: what is missing below it was lost, and is found to be a moment later. */
function takeIn(core: Core, scope: ScopeState, feed: FeedState, { entries, unread }: Late): void {
  const { durable } = feed
  const newest = entries.at(-1)?.sealed
  const highest = Math.max(durable.highest, newest?.header.seq ?? 0, ...unread)
  const isNew = highest > durable.highest
  let ranges: readonly Range[] = isNew ? addRange(durable.ranges, [durable.highest + 1, highest]) : durable.ranges
  for (const { sealed } of entries) ranges = addRange(ranges, [sealed.header.seq, sealed.header.seq])
  const named = newest === undefined ? {} : { seq: newest.header.seq, head: newest.id, hlc: newest.header.hlc }
  feed.durable = { ...durable, ranges, highest, ...named }
  feed.staged = feed.durable
  const orders = entries.flatMap((each) => (isMessage(each) ? [orderIn(feed, each.sealed.header)] : []))
  const isForeign = core.people.saidBy(feed.feed.device) !== core.self.person
  scope.record = counted(scope.record, { orders, isForeign, isNew: true })
  scope.staged = scope.record
  scope.changed()
  core.log('info', 'messages were there that no row had counted yet', { entries: entries.length })
}
