/** Reads held entries as runs for a peer: operations first, then messages, newest first over all feeds. */

import type { FeedRanges } from '../../protocol/frames.ts'
import { lanes, signEntry } from '../../protocol/entry.ts'
import { entrySize, runOverhead, type Run, type Slot } from '../../protocol/run.ts'
import type { Range } from '../../protocol/vector.ts'
import { tables } from '../store/store.ts'
import type { Core } from './core.ts'
import { withEndProof } from './end-proof.ts'
import { readEntryRow, type StoredEntry } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { leftOut } from './whole-row.ts'

/** What remains to be served of one feed, its top range last. */
interface Cursor {
  readonly feed: FeedState
  readonly ranges: Range[]
  /** The highest number of what was asked for and is held. */
  readonly top: number
}

const chunkEntries = 128
/** So few are read one by one: beginning a range costs more, and a log of operations is made of many short feeds. */
const fewEntries = 8

const slotOf = ({ payload }: StoredEntry): Slot =>
  payload === undefined ? { is: 'lapsed' } : { is: 'held', payload, seconds: 0 }

/** What of some ranges lies within others. */
export const clip = (wanted: readonly Range[], held: readonly Range[]): Range[] =>
  wanted.flatMap(([from, to]) =>
    held.flatMap(([low, high]): Range[] =>
      high < from || low > to ? [] : [[Math.max(from, low), Math.min(to, high)]],
    ),
  )

export class Server {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** See SyncLog.read(). */
  async read(scope: ScopeState, feeds: readonly FeedRanges[], budget: number): Promise<{ runs: Run[]; done: boolean }> {
    const cursors = feeds.flatMap(({ ranges, ...name }): Cursor[] => {
      const feed = scope.feed({ scope: scope.record.scope, ...name })
      const held = feed === undefined ? [] : this.#heldOf(scope, feed, ranges)
      const top = held.at(-1)?.[1]
      return feed === undefined || top === undefined ? [] : [{ feed, ranges: held, top }]
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

  /** What lies beyond the end of a feed is given to nobody. */
  #heldOf(scope: ScopeState, feed: FeedState, ranges: readonly Range[]): Range[] {
    const { store, ends } = this.#core
    return clip(clip(ranges, feed.durable.ranges), ends.counting(store, scope, feed))
  }

  /** The next runs down one feed, at most about `budget` bytes but at least one entry. */
  async #take(
    scope: ScopeState,
    { feed, ranges, top }: Cursor,
    budget: number,
  ): Promise<{ runs: Run[]; size: number }> {
    const [from, to] = ranges.pop() as Range
    const low = Math.max(from, to - chunkEntries + 1)
    const taken: StoredEntry[] = []
    let size = runOverhead
    for (const each of await this.#entries(scope, feed, low, to)) {
      // What is gone from the disk is left out, and what hangs below it waits until it is back.
      if (each.sealed.header.seq !== to - taken.length) break
      if (size >= budget && taken.length > 0) break
      size += entrySize(each.sealed, slotOf(each))
      taken.push(each)
    }
    if (taken.length === 0) {
      this.#core.lost(scope, feed, [to])
      if (to > from) ranges.push([from, to - 1])
      return { runs: [], size: 0 }
    }
    if (to - taken.length >= from) ranges.push([from, to - taken.length])
    const runs = feed.feed.lane === lanes.roster ? taken.map((each) => alone(each)) : signedRuns(taken)
    return { runs: this.#proven(scope, feed, runs, top), size }
  }

  /**
   * The top of a held range is signed, and so is `highest`, the top of what was asked for: it was the head when the peer heard of it,
   * however much was said since. Where a loss made a range end elsewhere, only its author can sign it again. Where others ended the
   * feed, the headers above the end prove it.
   */
  #proven(scope: ScopeState, feed: FeedState, runs: Run[], highest: number): Run[] {
    const [first, ...rest] = runs
    const { self, store, ends } = this.#core
    const top = first?.entries[0]?.sealed
    if (first === undefined || top === undefined || first.signature !== undefined) return runs
    const { seq } = top.header
    if (feed.feed.device !== self.device) {
      const isEnd = feed.feed.lane === lanes.messages && ends.counting(store, scope, feed).at(-1)?.[1] === seq
      return isEnd ? [withEndProof(store, scope, feed, first), ...rest] : runs
    }
    if (seq !== highest && !feed.durable.ranges.some(([, end]) => end === seq)) return runs
    return [{ signature: signEntry(self.signingKey, top.id), entries: first.entries }, ...rest]
  }

  async #entries(scope: ScopeState, feed: FeedState, low: number, high: number): Promise<StoredEntry[]> {
    if (high - low < fewEntries) {
      try {
        return this.#oneByOne(scope, feed, low, high)
      } catch {
        // The database is opened anew: a range waits for that.
      }
    }
    const rows = await this.#core.store.range(tables.entry, {
      prefix: [scope.number, feed.number],
      under: scope.number,
      after: [low - 1],
      before: [high + 1],
      reverse: true,
      damaged: leftOut,
    })
    return rows.map(({ value }) => readEntryRow(value))
  }

  #oneByOne(scope: ScopeState, feed: FeedState, low: number, high: number): StoredEntry[] {
    const entries: StoredEntry[] = []
    for (let seq = high; seq >= low; seq -= 1) {
      const entry = this.#core.scopes.entry(scope, feed, seq)
      if (entry !== undefined) entries.push(entry)
    }
    return entries
  }
}

/**
 * One run, or two where a signature stands far below the top: so that who takes them can give on a part of them with a proof.
 * Not one for every signature, since each costs the receiver as much as fifty hashes.
 */
function signedRuns(entries: readonly StoredEntry[]): Run[] {
  const cut = entries.findIndex(({ signature }, at) => signature !== undefined && at >= entries.length / 2)
  const parts = cut < 1 ? [entries] : [entries.slice(0, cut), entries.slice(cut)]
  return parts.map((part) => ({
    signature: part[0]?.signature,
    entries: part.map((each) => ({ sealed: each.sealed, slot: slotOf(each) })),
  }))
}

/** As a run of its own, like every operation travels. */
export const alone = (stored: StoredEntry): Run => ({
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
