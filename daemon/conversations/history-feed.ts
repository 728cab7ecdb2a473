/** One feed of a history, oldest first, some entries at a time: as it stood when the history was begun. */

import { lanes, signEntry, type Feed } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { GapReason } from '../../protocol/export-format.ts'
import type { Range } from '../../protocol/vector.ts'
import { tables } from '../store/store.ts'
import type { Core } from './core.ts'
import { keptProof, type EndProof } from './end-proof.ts'
import { readProof, type KeptProof } from './fork-proof.ts'
import { readEntryRow, type Position, type StoredEntry } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { leftOut } from './whole-row.ts'

export interface FeedEntry {
  readonly is: 'entry'
  readonly feed: Feed
  readonly stored: StoredEntry
  /** On the last entry of what is held in one piece: it vouches for that piece. */
  readonly signature: Uint8Array | undefined
  /** Where nothing below is signed that is kept: the headers above it, of which the first is. */
  readonly above: EndProof | undefined
  /** False if no signature that is here vouches for it: what was above it is lost. */
  readonly isProven: boolean
}

/** Entries that are not here, by their numbers. */
export interface FeedGap {
  readonly is: 'gap'
  readonly feed: Feed
  readonly first: number
  readonly last: number
  readonly why: Exclude<GapReason, 'unproven'>
}

export type FeedItem = FeedEntry | FeedGap

export class HistoryFeed {
  readonly feed: Feed
  readonly #core: Core
  readonly #scope: ScopeState
  readonly #state: FeedState
  readonly #position: Position
  /** Up to here the feed was deleted. */
  readonly #floor: number

  /** What is durable now is what it holds. */
  constructor(core: Core, scope: ScopeState, state: FeedState) {
    this.#core = core
    this.#scope = scope
    this.#state = state
    this.#position = state.durable
    this.#floor = scope.floorOf(state.feed)?.seq ?? 0
    this.feed = state.feed
  }

  /** The number of its newest entry; 0 if it has none. */
  get end(): number {
    return this.#position.seq
  }

  get isFrozen(): boolean {
    return this.#position.frozen
  }

  /** What proves its fork, if that is kept. */
  proof(): KeptProof | undefined {
    if (!this.isFrozen || this.#scope.isGone) return undefined
    return readProof(this.#core.store, this.#scope, this.#state)
  }

  /** All of it, at most `most` entries in memory. Throws STORE_DAMAGED where an entry is gone from the disk, NOT_FOUND if the scope is. */
  async *pages(most: number): AsyncGenerator<FeedItem[]> {
    let next = 1
    for (const range of this.#position.ranges) {
      const [low, high] = range
      yield gapsBetween(this.feed, next, low - 1, this.#floor)
      const proven = await this.#provenUpTo(range, most)
      for (let from = low; from <= high; from += most) {
        const to = Math.min(high, from + most - 1)
        const entries = await this.#read(from, to, proven)
        yield entries
      }
      next = high + 1
    }
    yield gapsBetween(this.feed, next, this.#floor, this.#floor)
  }

  async #read(from: number, to: number, proven: number): Promise<FeedEntry[]> {
    const rows = await this.#rows(from, to)
    return rows.map((stored, at): FeedEntry => {
      const seq = from + at
      const signature = seq === proven ? (stored.signature ?? this.#signed(stored)) : undefined
      const above = seq === proven && signature === undefined ? this.#above(stored) : undefined
      return { is: 'entry', feed: this.feed, stored, signature, above, isProven: seq <= proven }
    })
  }

  /** Own entries are signed when they are given away. */
  #signed({ sealed }: StoredEntry): Uint8Array | undefined {
    if (!this.#isOwn) return undefined
    return signEntry(this.#core.self.signingKey, sealed.id)
  }

  get #isOwn(): boolean {
    return this.feed.device === this.#core.self.device && this.#core.self.cannotSign !== true
  }

  /** Where a feed was ended, its author may have signed further up only. */
  #above({ sealed }: StoredEntry): EndProof | undefined {
    return this.#scope.isGone ? undefined : keptProof(this.#core.store, this.#scope, this.#state, sealed.id)
  }

  /** The highest entry of a range that is signed, or can be. */
  async #provenUpTo([low, high]: Range, most: number): Promise<number> {
    if (this.#isOwn) return high
    const top = this.#core.scopes.entry(this.#scope, this.#state, high)
    if (top !== undefined && (top.signature !== undefined || this.#above(top) !== undefined)) return high
    for (let to = high; to >= low; to -= most) {
      const from = Math.max(low, to - most + 1)
      const last = (await this.#rows(from, to)).findLastIndex(({ signature }) => signature !== undefined)
      if (last >= 0) return from + last
    }
    return low - 1
  }

  /** Entries by their numbers, every one of them. */
  async #rows(from: number, to: number): Promise<StoredEntry[]> {
    const { number } = this.#scope
    const rows = await this.#core.store.range(tables.entry, {
      prefix: [number, this.#state.number],
      under: number,
      after: [from - 1],
      before: [to + 1],
      damaged: leftOut,
    })
    const found = rows.map(({ value }) => readEntryRow(value))
    if (this.#scope.isGone) throw new WarrenError('NOT_FOUND', 'the conversation was deleted')
    if (found.length === to - from + 1) return found
    const there = new Set(found.map(({ sealed }) => sealed.header.seq))
    const lost = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter((seq) => !there.has(seq))
    // From now on it counts as missing, and is asked of peers: the next time it is told as a gap.
    this.#core.lost(this.#scope, this.#state, lost)
    throw new WarrenError('STORE_DAMAGED', 'an entry is gone from the disk: try again')
  }
}

/** What lies between two pieces: deleted up to the floor, missing above it. */
function gapsBetween(feed: Feed, first: number, last: number, floor: number): FeedGap[] {
  const deletedTo = Math.min(last, floor)
  return [
    ...(first <= deletedTo ? [{ is: 'gap', feed, first, last: deletedTo, why: 'deleted' } as const] : []),
    ...(Math.max(first, floor + 1) <= last
      ? [{ is: 'gap', feed, first: Math.max(first, floor + 1), last, why: 'missing' } as const]
      : []),
  ]
}

/** Message feeds of a scope, or those of its operations. */
export const feedsOf = (core: Core, scope: ScopeState, lane: keyof typeof lanes): HistoryFeed[] =>
  [...scope.feeds.values()]
    .filter(({ feed, durable }) => feed.lane === lanes[lane] && durable.head !== undefined)
    .map((state) => new HistoryFeed(core, scope, state))
