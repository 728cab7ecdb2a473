/** What one batch changes in memory: applied once the batch is durable, forgotten if it fails. */

import type { EpochId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Position, ScopeRecord } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'

export interface NewMessage {
  readonly order: string
  /** Its epoch, if its key is not here: nobody is told of it before it can be read. */
  readonly waitsFor: EpochId | undefined
}

export class Staging {
  readonly scope: ScopeState
  readonly operations: LoggedOperation[] = []
  readonly keys: [EpochId, Uint8Array][] = []
  readonly messages: NewMessage[] = []
  readonly runs: Run[] = []
  /** Feeds that entries were put into, each with its position at the end of this batch. */
  readonly #feeds = new Map<FeedState, Position>()
  #record: ScopeRecord | undefined

  constructor(scope: ScopeState) {
    this.scope = scope
  }

  setFeed(feed: FeedState, position: Position): void {
    feed.staged = position
    this.#feeds.set(feed, position)
  }

  setRecord(record: ScopeRecord): void {
    this.scope.staged = record
    this.#record = record
  }

  feeds(): IterableIterator<FeedState> {
    return this.#feeds.keys()
  }

  get changesRecord(): boolean {
    return this.#record !== undefined
  }

  get isEmpty(): boolean {
    return this.#feeds.size === 0 && this.#record === undefined && this.keys.length === 0
  }

  /** The batch is on disk. Batches end in the order in which they began, so the last word is the newest. */
  settle(): void {
    for (const [feed, position] of this.#feeds) feed.durable = position
    if (this.#record !== undefined) this.scope.record = this.#record
    for (const [epoch, key] of this.keys) this.scope.keys.set(epoch, key)
    this.scope.operations.push(...this.operations)
    if (this.operations.length > 0) this.scope.roster = undefined
    if (this.#feeds.size > 0) this.scope.changed()
  }
}
