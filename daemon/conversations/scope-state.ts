/** What is in memory of one scope: its feeds, operations, keys and counters. */

import { feedKey, type Feed, type Lane } from '../../protocol/entry.ts'
import type { DeviceId, EpochId } from '../../protocol/ids.ts'
import type { LoggedOperation, RosterState } from '../../protocol/roster.ts'
import { vectorDigest, type Range, type VectorRow } from '../../protocol/vector.ts'
import type { Position, ScopeRecord } from './rows.ts'

/** One feed. Only batches write `staged`; `durable` follows once the batch is on disk, and alone is told to peers. */
export interface FeedState {
  readonly number: number
  readonly feed: Feed
  staged: Position
  durable: Position
  /** Own message feeds: what each peer device says it holds. */
  readonly holders: Map<DeviceId, readonly Range[]>
}

export class ScopeState {
  readonly number: number
  staged: ScopeRecord
  record: ScopeRecord
  readonly feeds = new Map<string, FeedState>()
  /** Every lane-0 entry, in the order of arrival. Small: people change devices and groups rarely. */
  readonly operations: LoggedOperation[] = []
  durableOperations = 0
  readonly keys = new Map<EpochId, Uint8Array>()
  /** Keys whose batch is not durable yet. */
  readonly stagedKeys = new Set<EpochId>()
  /** Computed when first asked for after a change of operations, here or in a person's log. */
  roster: RosterState | undefined
  #digest: Uint8Array | undefined

  constructor(number: number, record: ScopeRecord) {
    this.number = number
    this.staged = record
    this.record = record
  }

  feed(feed: Feed): FeedState | undefined {
    return this.feeds.get(feedKey(feed))
  }

  addFeed(number: number, feed: Feed, position: Position): FeedState {
    const state: FeedState = { number, feed, staged: position, durable: position, holders: new Map() }
    this.feeds.set(feedKey(feed), state)
    return state
  }

  /** The durable state changed. */
  changed(): void {
    this.#digest = undefined
  }

  vector(): VectorRow[] {
    return [...this.feeds.values()].flatMap(({ feed, durable }) => {
      if (durable.head === undefined) return []
      const { device, lane, generation } = feed
      return [{ device, lane, generation, ranges: durable.ranges, head: durable.head, hlc: durable.hlc }]
    })
  }

  digest(): Uint8Array {
    return (this.#digest ??= vectorDigest(this.vector()))
  }

  feedsOf(device: DeviceId, lane: Lane): FeedState[] {
    return [...this.feeds.values()].filter(({ feed }) => feed.device === device && feed.lane === lane)
  }

  /** Forgets what was staged and never reached the disk. */
  rollBack(): void {
    this.staged = this.record
    for (const [key, feed] of this.feeds) {
      feed.staged = feed.durable
      if (feed.durable.head === undefined) this.feeds.delete(key)
    }
    this.operations.length = this.durableOperations
    for (const epoch of this.stagedKeys) this.keys.delete(epoch)
    this.stagedKeys.clear()
    this.roster = undefined
  }
}

/** True if `seq` lies in one of the ranges. */
export const holds = (ranges: readonly Range[], seq: number): boolean =>
  ranges.some(([from, to]) => from <= seq && seq <= to)
