/** How far the feeds of a group count: an end is named by the id of an entry, and has a number once that entry is here. */

import { lanes, type SealedHeader } from '../../protocol/entry.ts'
import type { EntryId } from '../../protocol/ids.ts'
import type { Range } from '../../protocol/vector.ts'
import type { Run } from '../../protocol/run.ts'
import type { Batch } from '../store/store.ts'
import { topOf } from './checks.ts'
import type { People } from './people.ts'
import { readEntryRow, type Position } from './rows.ts'
import { entryKey } from './scope-keys.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import { wholeRow } from './whole-row.ts'

/** The last entry of a feed that counts. */
export type End = Pick<SealedHeader, 'id' | 'header'>

const whole: readonly Range[] = [[1, Number.MAX_SAFE_INTEGER]]

export class FeedEnds {
  readonly #people: People
  /** By feed the entries that ends name, and those that were looked for in vain. */
  readonly #found = new WeakMap<FeedState, Map<EntryId, End | undefined>>()

  constructor(people: People) {
    this.#people = people
  }

  /** The numbers of a feed that count; all of what is held, where ends are named of which none is here. */
  counting(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState): readonly Range[] {
    if (!isFenced(scope, feed)) return whole
    const end = this.#people.groupOf(scope).endOf(feed.feed)
    if (end === 'all') return whole
    if (end === 'none') return []
    const highest = this.#highest(from, scope, feed, end)
    return highest === undefined ? whole : [[1, highest.header.seq]]
  }

  /** The numbers of a feed that are wanted where they lack: all while an end is not here, since it may stand above those that are. */
  wanted(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState): readonly Range[] {
    if (!isFenced(scope, feed)) return whole
    const end = this.#people.groupOf(scope).endOf(feed.feed)
    if (end === 'all') return whole
    if (end === 'none') return []
    const highest = this.#highest(from, scope, feed, end)
    const found = this.#of(feed)
    const isOneLacking = highest === undefined || end.some((id) => found.get(id) === undefined)
    return isOneLacking ? whole : [[1, highest.header.seq]]
  }

  /** The end of a feed, if it has one that is here and stands below what is held. */
  cutAt(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState, { seq }: Position): End | 'none' | undefined {
    if (!isFenced(scope, feed)) return undefined
    const end = this.#people.groupOf(scope).endOf(feed.feed)
    if (end === 'all' || end === 'none') return end === 'none' ? 'none' : undefined
    const highest = this.#highest(from, scope, feed, end)
    return highest === undefined || highest.header.seq >= seq ? undefined : highest
  }

  /**
   * What of a run of messages may be taken once the run is proven: none, all, or what lies at and below an end. An end proves
   * nothing by itself. `feed`: undefined if nothing of it is here.
   */
  admits(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState | undefined, run: Run): Run | undefined {
    const top = topOf(run)
    const end = this.#people.groupOf(scope).endOf(top.header)
    if (end === 'all') return run
    if (end === 'none') return undefined
    const at = run.entries.findIndex(({ sealed }) => end.includes(sealed.id))
    if (at >= 0) return at === 0 ? run : { signature: undefined, entries: run.entries.slice(at) }
    // What fills a gap below hangs on something that is here: whether that counts is known of the newest alone.
    if (feed === undefined || top.header.seq >= feed.staged.seq) return undefined
    const highest = this.#highest(from, scope, feed, end)
    return highest === undefined || top.header.seq <= highest.header.seq ? run : undefined
  }

  /** An entry is there that may be an end. */
  note(scope: ScopeState, feed: FeedState, entries: Run['entries']): void {
    if (!isFenced(scope, feed)) return
    const end = this.#people.groupOf(scope).endOf(feed.feed)
    if (end === 'all' || end === 'none') return
    for (const { sealed } of entries) if (end.includes(sealed.id)) this.#of(feed).set(sealed.id, sealed)
  }

  #of(feed: FeedState): Map<EntryId, End | undefined> {
    const found = this.#found.get(feed) ?? new Map<EntryId, End | undefined>()
    this.#found.set(feed, found)
    return found
  }

  #highest(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState, ids: readonly EntryId[]): End | undefined {
    const found = this.#of(feed)
    if (ids.some((id) => !found.has(id))) search(from, scope, feed, found, ids)
    let highest: End | undefined
    for (const id of ids) {
      const end = found.get(id)
      if (end !== undefined && end.header.seq > (highest?.header.seq ?? 0)) highest = end
    }
    return highest
  }
}

/** The number of the newest of these entries of a feed that is here. */
export function highestEnd(
  from: Pick<Batch, 'get'>,
  scope: ScopeState,
  feed: FeedState,
  ids: readonly EntryId[],
): number | undefined {
  const found = new Map<EntryId, End | undefined>()
  search(from, scope, feed, found, ids)
  const numbers = [...found.values()].flatMap((end) => end?.header.seq ?? [])
  return numbers.length === 0 ? undefined : Math.max(...numbers)
}

const isFenced = ({ record }: ScopeState, { feed }: FeedState): boolean =>
  record.kind === 'group' && feed.lane === lanes.messages

/** From the newest entry down, until all are found: ends are named by who holds the newest, so they lie near it. */
function search(
  from: Pick<Batch, 'get'>,
  scope: ScopeState,
  feed: FeedState,
  found: Map<EntryId, End | undefined>,
  ids: readonly EntryId[],
): void {
  const left = new Set(ids.filter((id) => found.get(id) === undefined))
  for (let { seq } = feed.staged; seq > 0 && left.size > 0; seq -= 1) {
    const row = holds(feed.staged.ranges, seq) ? wholeRow(from, entryKey(scope, feed.number, seq)) : undefined
    if (row === undefined) continue
    const { sealed } = readEntryRow(row)
    if (left.delete(sealed.id)) found.set(sealed.id, sealed)
  }
  for (const id of left) found.set(id, undefined)
}
