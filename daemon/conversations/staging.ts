/** What one build changes in memory: applied once its batch is durable, forgotten if it throws or its group fails. */

import { paddedLength } from '../../protocol/epoch.ts'
import type { EntryId, EpochId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Run } from '../../protocol/run.ts'
import type { Branch } from './branches.ts'
import type { Position, ScopeRecord, StoredEntry } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'

export interface NewMessage {
  readonly order: string
  /** Its epoch, if its key is not here: nobody is told of it before it can be read. */
  readonly waitsFor: EpochId | undefined
  /** To be looked into for files; undefined where too little is sealed for that. */
  readonly large: StoredEntry | undefined
}

/** Sealed bytes of a message that refers to a file: an id, a key and a hash do not fit below. */
const leastWithFiles = paddedLength(3 * 32) + 32 + 16

interface Change<T> {
  readonly before: T
  after: T
}

/** Made when its build begins: what it takes for "before" includes earlier builds of the same group. */
export class Staging {
  readonly scope: ScopeState
  readonly messages: NewMessage[] = []
  /** A fork was proven, or what a device says of one came. */
  tellsOfFork = false
  /** An own operation was taken out. */
  takesBack = false
  /** Order keys of messages that were taken out. */
  readonly gone: string[] = []
  /** What was brought, and what was said here in answer to it: no peer has that yet. */
  readonly runs: Run[] = []
  readonly ownRuns: Run[] = []
  readonly #feeds = new Map<FeedState, Change<Position>>()
  readonly #added: FeedState[] = []
  readonly #keys = new Map<EpochId, Uint8Array>()
  readonly #branches = new Map<EntryId, Branch>()
  readonly #ids = new Set<EntryId>()
  #record: Change<ScopeRecord> | undefined
  #follows: number | undefined = 0
  #operations: Change<readonly LoggedOperation[]> | undefined

  constructor(scope: ScopeState) {
    this.scope = scope
  }

  addMessage(order: string, waitsFor: EpochId | undefined, stored: StoredEntry): void {
    const isLarge = stored.payload !== undefined && stored.payload.length >= leastWithFiles
    this.messages.push({ order, waitsFor, large: isLarge ? stored : undefined })
  }

  addFeed(feed: FeedState): void {
    this.scope.addFeed(feed)
    this.#added.push(feed)
  }

  /** `appended`: so many entries right above the newest, from which alone it follows; 0 where it does not. */
  setFeed(feed: FeedState, position: Position, appended = 0): void {
    if (appended === 0) this.#follows = undefined
    else if (this.#follows !== undefined) this.#follows += appended
    const change = this.#feeds.get(feed)
    if (change === undefined) this.#feeds.set(feed, { before: feed.staged, after: position })
    else change.after = position
    feed.staged = position
  }

  /** `follows`: from the entries that are appended. */
  setRecord(record: ScopeRecord, follows = false): void {
    if (!follows) this.#follows = undefined
    if (this.#record === undefined) this.#record = { before: this.scope.staged, after: record }
    else this.#record.after = record
    this.scope.staged = record
  }

  /** Operations and keys count at once: what is built next rests on them, in this build or in the one behind it. */
  addOperation(operation: LoggedOperation): void {
    this.#ids.add(operation.id)
    this.#setOperations([...this.scope.operations, operation])
    this.scope.roster = undefined
  }

  /** Whether this build staged an operation. */
  adds(id: EntryId): boolean {
    return this.#ids.has(id)
  }

  /** An operation that lies beside its feed. */
  addBranch(id: EntryId, branch: Branch): void {
    this.scope.branches.set(id, branch)
    this.scope.stagedBranches.add(id)
    this.#branches.set(id, branch)
  }

  removeOperation(id: LoggedOperation['id']): void {
    this.takesBack = true
    this.#setOperations(this.scope.operations.filter((each) => each.id !== id))
    this.scope.forgetRoster()
  }

  #setOperations(operations: readonly LoggedOperation[]): void {
    if (this.#operations === undefined) this.#operations = { before: this.scope.operations, after: operations }
    else this.#operations.after = operations
    this.scope.operations = operations
  }

  addKey(epoch: EpochId, key: Uint8Array): void {
    this.scope.keys.set(epoch, key)
    this.scope.stagedKeys.add(epoch)
    this.#keys.set(epoch, key)
  }

  /** From how many new entries feeds and record follow; undefined if something else is in them. */
  get follows(): number | undefined {
    return this.#follows
  }

  feeds(): IterableIterator<FeedState> {
    return this.#feeds.keys()
  }

  get changesRecord(): boolean {
    return this.#record !== undefined
  }

  get changesOperations(): boolean {
    return this.#operations !== undefined
  }

  get isEmpty(): boolean {
    return this.#feeds.size === 0 && this.#record === undefined && this.#keys.size === 0
  }

  get keys(): EpochId[] {
    return [...this.#keys.keys()]
  }

  /** The build threw: its writes are left out, and memory goes back to where it began. */
  undo(): void {
    for (const [feed, { before }] of this.#feeds) feed.staged = before
    // The numbers of these were given back, and may come to mean another feed.
    for (const feed of this.#added) this.scope.dropFeed(feed)
    if (this.#record !== undefined) this.scope.staged = this.#record.before
    if (this.#operations !== undefined) this.scope.operations = this.#operations.before
    for (const epoch of this.#keys.keys()) {
      this.scope.keys.delete(epoch)
      this.scope.stagedKeys.delete(epoch)
    }
    for (const id of this.#branches.keys()) {
      this.scope.branches.delete(id)
      this.scope.stagedBranches.delete(id)
    }
    if (this.#operations !== undefined) this.scope.forgetRoster()
  }

  /** Stages all of it again: its group had failed, memory was rolled back, and then it was found on the disk. */
  redo(): void {
    for (const feed of this.#added) this.scope.addFeed(feed)
    for (const [feed, { after }] of this.#feeds) feed.staged = after
    if (this.#record !== undefined) this.scope.staged = this.#record.after
    if (this.#operations !== undefined) this.scope.operations = this.#operations.after
    for (const [epoch, key] of this.#keys) this.scope.keys.set(epoch, key)
    for (const [id, branch] of this.#branches) this.scope.branches.set(id, branch)
    this.scope.forgetRoster()
  }

  /** The batch is on disk. Batches end in the order in which they began, so the last word is the newest. */
  settle(): void {
    for (const [feed, { after }] of this.#feeds) {
      feed.durable = after
      feed.isKept = true
    }
    if (this.#record !== undefined) this.scope.record = this.#record.after
    if (this.#operations !== undefined) this.scope.durableOperations = this.#operations.after
    for (const epoch of this.#keys.keys()) this.scope.stagedKeys.delete(epoch)
    for (const id of this.#branches.keys()) this.scope.stagedBranches.delete(id)
    if (this.#feeds.size > 0) this.scope.changed()
  }
}
