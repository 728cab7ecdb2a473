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
  #operations = 0
  readonly #keys: EpochId[] = []
  readonly messages: NewMessage[] = []
  readonly runs: Run[] = []
  /** Feeds that entries were put into, each with its position at the end of this batch. */
  readonly #feeds = new Map<FeedState, Position>()
  readonly #feedsBefore = new Map<FeedState, Position>()
  #record: ScopeRecord | undefined
  readonly #recordBefore: ScopeRecord

  constructor(scope: ScopeState) {
    this.scope = scope
    this.#recordBefore = scope.staged
  }

  setFeed(feed: FeedState, position: Position): void {
    if (!this.#feedsBefore.has(feed)) this.#feedsBefore.set(feed, feed.staged)
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
    return this.#feeds.size === 0 && this.#record === undefined && this.#keys.length === 0
  }

  /** Operations and keys count at once: what is built next rests on them, in this batch or in the one behind it. */
  addOperation(operation: LoggedOperation): void {
    this.scope.operations.push(operation)
    this.scope.roster = undefined
    this.#operations += 1
  }

  addKey(epoch: EpochId, key: Uint8Array): void {
    this.scope.keys.set(epoch, key)
    this.scope.stagedKeys.add(epoch)
    this.#keys.push(epoch)
  }

  get operations(): number {
    return this.#operations
  }

  get keys(): readonly EpochId[] {
    return this.#keys
  }

  /** The build threw: its writes are left out, and memory goes back to where it began. */
  undo(): void {
    for (const [feed, position] of this.#feedsBefore) feed.staged = position
    this.scope.staged = this.#recordBefore
    this.scope.operations.length -= this.#operations
    for (const epoch of this.#keys) {
      this.scope.keys.delete(epoch)
      this.scope.stagedKeys.delete(epoch)
    }
    this.scope.roster = undefined
  }

  /** The batch is on disk. Batches end in the order in which they began, so the last word is the newest. */
  settle(): void {
    for (const [feed, position] of this.#feeds) feed.durable = position
    if (this.#record !== undefined) this.scope.record = this.#record
    for (const epoch of this.#keys) this.scope.stagedKeys.delete(epoch)
    this.scope.durableOperations += this.#operations
    if (this.#feeds.size > 0) this.scope.changed()
  }
}
