/** Reads held entries as runs for a peer: operations first, then messages, newest first over all feeds. */

import type { FeedRanges } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import { entrySize, runOverhead, type Run, type Slot } from '../../protocol/run.ts'
import type { Range } from '../../protocol/vector.ts'
import { tables, type Store } from '../store/store.ts'
import { readEntryRow, type StoredEntry } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'

/** What remains to be served of one feed, its top range last. */
interface Cursor {
  readonly feed: FeedState
  readonly ranges: Range[]
  /** The entry that was put last, if the next one down continues its run's chain. */
  above: number
}

const chunkEntries = 128

const missing: Slot = { is: 'missing' }
const slotOf = ({ payload }: StoredEntry): Slot =>
  payload === undefined ? { is: 'lapsed' } : { is: 'held', payload, seconds: 0 }

const clip = (wanted: readonly Range[], held: readonly Range[]): Range[] =>
  wanted.flatMap(([from, to]) =>
    held.flatMap(([low, high]): Range[] =>
      high < from || low > to ? [] : [[Math.max(from, low), Math.min(to, high)]],
    ),
  )

export class Server {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async read(scope: ScopeState, feeds: readonly FeedRanges[], budget: number): Promise<{ runs: Run[]; done: boolean }> {
    const cursors = feeds.flatMap(({ ranges, ...name }): Cursor[] => {
      const feed = scope.feed({ scope: scope.record.scope, ...name })
      const held = feed === undefined ? [] : clip(ranges, feed.durable.ranges)
      return feed === undefined || held.length === 0 ? [] : [{ feed, ranges: held, above: 0 }]
    })
    const runs: Run[] = []
    let left = budget
    for (let next = pick(cursors); next !== undefined; next = pick(cursors)) {
      const taken = await this.#take(scope, next, left)
      runs.push(...taken.runs)
      left -= taken.size
      if (left <= 0) break
    }
    return { runs, done: cursors.every(({ ranges }) => ranges.length === 0) }
  }

  /** The next run or runs down one feed, at most about `budget` bytes but at least one entry. */
  async #take(scope: ScopeState, cursor: Cursor, budget: number): Promise<{ runs: Run[]; size: number }> {
    const [from, to] = cursor.ranges.at(-1) as Range
    const low = Math.max(from, to - chunkEntries + 1)
    const stored = await this.#entries(scope, cursor.feed, low, to)
    const runs: Run[] = []
    let size = runOverhead
    let bottom = to + 1
    const entries: Run['entries'][number][] = []
    for (const each of stored) {
      const slot = slotOf(each)
      if (size >= budget && entries.length > 0) break
      size += entrySize(each.sealed, slot)
      entries.push({ sealed: each.sealed, slot })
      bottom = each.sealed.header.seq
    }
    if (cursor.feed.feed.lane === 0) runs.push(...stored.slice(0, entries.length).map((each) => alone(each)))
    else if (entries.length > 0) runs.push(...(await this.#signed(scope, cursor, stored[0] as StoredEntry, entries)))
    cursor.ranges.pop()
    if (bottom > from) cursor.ranges.push([from, bottom - 1])
    cursor.above = bottom
    return { runs, size }
  }

  /**
   * The run with a proof: its top's own signature; none if the run above it goes out before it; else that of the next signed
   * entry above, whose headers lead down to it. No proof, no run.
   */
  async #signed(scope: ScopeState, cursor: Cursor, top: StoredEntry, entries: Run['entries']): Promise<Run[]> {
    const { seq } = top.sealed.header
    if (top.signature !== undefined) return [{ signature: top.signature, entries }]
    if (cursor.above === seq + 1) return [{ signature: undefined, entries }]
    const most = limits.runEntries - entries.length
    const above: StoredEntry[] = []
    for (const each of await this.#entries(scope, cursor.feed, seq + 1, seq + most, false)) {
      if (each.sealed.header.seq !== seq + 1 + above.length) break
      above.push(each)
      if (each.signature !== undefined) break
    }
    const signature = above.at(-1)?.signature
    const front = above.toReversed().map(({ sealed }) => ({ sealed, slot: missing }))
    return signature === undefined ? [] : [{ signature, entries: [...front, ...entries] }]
  }

  async #entries(
    scope: ScopeState,
    feed: FeedState,
    low: number,
    high: number,
    reverse = true,
  ): Promise<StoredEntry[]> {
    const rows = await this.#store.range(tables.entry, {
      prefix: [scope.number, feed.number],
      under: scope.number,
      after: [low - 1],
      before: [high + 1],
      reverse,
    })
    return rows.map(({ value }) => readEntryRow(value))
  }
}

const alone = (stored: StoredEntry): Run => ({
  signature: stored.signature,
  entries: [{ sealed: stored.sealed, slot: slotOf(stored) }],
})

/** Lane 0 first; then the feed whose range reaches highest towards its head, by the head's time. */
function pick(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined
  for (const each of cursors) {
    if (each.ranges.length > 0 && (best === undefined || isBefore(each, best))) best = each
  }
  return best
}

function isBefore(a: Cursor, b: Cursor): boolean {
  if (a.feed.feed.lane !== b.feed.feed.lane) return a.feed.feed.lane < b.feed.feed.lane
  const depth = ({ feed, ranges }: Cursor): number => feed.durable.seq - (ranges.at(-1)?.[1] ?? 0)
  return depth(a) < depth(b)
}
