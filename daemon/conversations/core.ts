/** What the parts of this room share; Conversations makes it and keeps the one door. */

import type { Feed } from '../../protocol/entry.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Author, Self } from './author.ts'
import type { Delivery } from './delivery.ts'
import type { FeedEnds } from './feed-ends.ts'
import type { People } from './people.ts'
import type { StoredEntry } from './rows.ts'
import type { ScopeTable } from './scope-table.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'

export interface Core {
  readonly store: Store
  readonly self: Self
  readonly author: Author
  readonly scopes: ScopeTable
  readonly people: People
  readonly ends: FeedEnds
  readonly delivery: Delivery
  readonly bus: Bus
  readonly log: Log
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
  /** The state of a feed, numbered and added at first use. */
  feedState(batch: Batch, staging: Staging, feed: Feed): FeedState
  /**
   * The one door: puts entries that were checked, each the `prev` of the one above it, and moves what is staged. They stand in
   * either order.
   */
  append(batch: Batch, staging: Staging, feed: FeedState, entries: readonly StoredEntry[]): void
  /**
   * Commits what `build` stages for one scope; once durable, applies it in memory and tells listeners and the bus. `from` is
   * the device that brought it, undefined for own entries.
   */
  commit<T>(scope: ScopeState, from: DeviceId | undefined, build: (batch: Batch, staging: Staging) => T): Promise<T>
  /** Entries that are held turned out not to be on the disk: they are wanted again. */
  lost(scope: ScopeState, feed: FeedState, seqs: readonly number[]): void
}
