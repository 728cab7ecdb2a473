/** The store over any engine: group commit, the dictionary, and what happens when a group cannot be written. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { clearRows } from './clear.ts'
import type { Dictionary } from './dictionary.ts'
import type { Engine, Operation, SealedRangeOptions } from './engine.ts'
import { Group } from './group.ts'
import { noteKeysMade } from './keyring-age.ts'
import { decodeNumbers, encodeKey } from './keys.ts'
import type {
  Batch,
  DictionaryId,
  IndexKey,
  IndexTable,
  Key,
  RangeOptions,
  Row,
  SealedTable,
  Store,
  Table,
  Tolerance,
} from './store.ts'

export interface GroupedStoreDeps {
  readonly engine: Engine
  /** Loaded. */
  readonly dictionary: Dictionary
  readonly counts: Store['counts']
  readonly keepsakes: Store['keepsakes']
  readonly files: Store['files']
}

export interface GroupedStoreOptions {
  readonly storeId: string
  readonly closedCleanly: boolean
  /** A group takes no further build once it holds so many bytes. */
  readonly groupBytes: number
}

/** Bounds how long builds that write little or nothing can hold up the event loop. */
const groupBuilds = 1024

interface Waiting {
  /** Runs the build in `group`; the function it returns tells the caller that the group is durable. */
  run(group: Group): () => void
  reject(error: unknown): void
}

/** Why nothing can be written now: with a code that says what to do. */
function unwritable(cause: unknown): WarrenError {
  const code = errorCode(cause)
  if (cause instanceof WarrenError && (code === 'STORE_FULL' || code === 'STORE_DAMAGED')) return cause
  return new WarrenError('STORE_FAILED', 'the store cannot be written', { cause })
}

/** A group that is built, sealed and not durable yet. */
interface Built {
  readonly group: Group
  readonly operations: readonly Operation[]
  /** How many ids it named. */
  readonly ids: number
  readonly waiting: readonly { readonly waiting: Waiting; readonly done: () => void }[]
  readonly write: () => Promise<void>
}

interface Failed {
  readonly built: Built
  readonly error: unknown
}

export class GroupedStore implements Store {
  readonly storeId: string
  readonly closedCleanly: boolean
  readonly counts: Store['counts']
  readonly keepsakes: Store['keepsakes']
  readonly files: Store['files']
  readonly #engine: Engine
  readonly #dictionary: Dictionary
  readonly #groupBytes: number
  readonly #listeners = new Set<(found: number | undefined) => void>()
  #queue: Waiting[] = []
  /** Ends when the queue is empty. */
  #draining: Promise<void> | undefined
  /** The write under way; resolves with what could not be written. */
  #writing: Promise<Failed | undefined> | undefined
  /** The group that is written now. */
  #written: Group | undefined
  #groups = 0
  #building = false
  /** Nothing is written before the store is mended. */
  #failed: Failed | undefined
  #closing: Promise<void> | undefined

  constructor(deps: GroupedStoreDeps, options: GroupedStoreOptions) {
    this.#engine = deps.engine
    this.#dictionary = deps.dictionary
    this.counts = deps.counts
    this.keepsakes = deps.keepsakes
    this.files = deps.files
    this.storeId = options.storeId
    this.closedCleanly = options.closedCleanly
    this.#groupBytes = options.groupBytes
  }

  get(key: Key): Uint8Array | undefined {
    return this.#engine.get(key, encodeKey(key.table, key.at))
  }

  async range(table: SealedTable, options: SealedRangeOptions = {}): Promise<Row[]> {
    return await this.#engine.range(table, options)
  }

  indexed(key: IndexKey): readonly number[] | undefined {
    const numbers = this.#engine.get(key, encodeKey(key.table, key.at))
    return numbers === undefined ? undefined : decodeNumbers(numbers)
  }

  async rangeIndex(table: IndexTable, options: RangeOptions & Tolerance = {}): Promise<(readonly number[])[]> {
    return await this.#engine.numbers(table, options)
  }

  commit<T>(build: (batch: Batch) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#checkOpen()
      const run = (group: Group): (() => void) => {
        const result = group.run(build)
        return () => {
          resolve(result)
        }
      }
      this.#queue.push({ run, reject })
      this.#draining ??= this.#drain()
    })
  }

  onFailed(listener: (found: number | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  numberFor(batch: Batch, id: DictionaryId): number {
    return this.#dictionary.numberFor(batch, id)
  }

  numberOf(id: DictionaryId): number | undefined {
    return this.#dictionary.numberOf(id, this.#building)
  }

  idOf(number: number): DictionaryId | undefined {
    return this.#dictionary.idOf(number, this.#building)
  }

  nameNumbers(name: Uint8Array): readonly [number, number] {
    return this.#engine.nameNumbers(name)
  }

  async createConversationKey(conversation: number): Promise<void> {
    this.#checkOpen()
    await this.#engine.createKey(conversation)
    await noteKeysMade(this.#engine, async (build) => await this.commit(build))
  }

  async dropConversationKey(conversation: number): Promise<void> {
    this.#checkOpen()
    await this.#engine.dropKey(conversation)
  }

  async clear(table: Table, prefix: readonly number[], signal: AbortSignal): Promise<void> {
    await clearRows(this.#engine, async (build) => await this.commit(build), { table, prefix, signal })
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#draining
      await this.#writing
      await this.#engine.close()
    })()
    return this.#closing
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new WarrenError('CLOSING', 'the store is closing')
  }

  /**
   * One group after the other, each a microtask later, so that calls of one tick share it. A group is built and sealed while the
   * one before it is written; what comes meanwhile is the group behind it.
   */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await Promise.resolve()
      if (this.#failed === undefined) await this.#buildAndWrite()
      else await this.#recover(this.#failed.built)
    }
    this.#draining = undefined
  }

  async #buildAndWrite(): Promise<void> {
    const built = this.#build()
    const failed = this.#writing === undefined ? undefined : await this.#writing
    if (failed === undefined) this.#writing = this.#write(built)
    // It rests on what was not written.
    else for (const { waiting } of built.waiting) waiting.reject(failed.error)
  }

  #build(): Built {
    this.#groups += 1
    const group = new Group(this.#groups, this.#engine, this.#dictionary, this.#written)
    const waiting = this.#runBuilds(group)
    const ended = group.end()
    return { group, ...ended, waiting, write: this.#engine.prepare(ended.operations) }
  }

  async #write(built: Built): Promise<Failed | undefined> {
    const { operations, waiting } = built
    this.#written = built.group
    try {
      if (operations.length > 0) {
        await built.write()
        this.counts.batches += 1
        this.counts.writes += operations.length
      }
      this.#dictionary.settle(built.ids)
      for (const { done } of waiting) done()
      return undefined
    } catch (error) {
      this.#failed = { built, error }
      // The ids of the group behind this one go too: it is not written.
      this.#dictionary.rollBack(0)
      for (const { waiting: each } of waiting) each.reject(error)
      this.#tellFailed(undefined)
      return this.#failed
    } finally {
      this.#written = undefined
      this.#writing = undefined
    }
  }

  #runBuilds(group: Group): Built['waiting'] {
    const built = []
    let count = 0
    this.#building = true
    for (const waiting of this.#queue) {
      if (count >= groupBuilds || group.bytes >= this.#groupBytes) break
      count += 1
      try {
        built.push({ waiting, done: waiting.run(group) })
      } catch (error) {
        waiting.reject(error)
      }
    }
    this.#building = false
    this.#queue.splice(0, count)
    return built
  }

  /** Goes on after a failed group, or turns everybody away who waits now. */
  async #recover(failed: Built): Promise<void> {
    try {
      await this.#engine.recover()
      await this.#dictionary.load(this.#engine, 0)
      this.#failed = undefined
      this.#tellFailed(this.#isThere(failed) ? failed.group.number : undefined)
    } catch (cause) {
      const error = unwritable(cause)
      for (const waiting of this.#queue.splice(0)) waiting.reject(error)
    }
  }

  /** Whether every row reads as if the group had been written: then it was, or that makes no difference. */
  #isThere({ operations }: Built): boolean {
    return operations.every(({ key, bytes, value }) => {
      try {
        const found = this.#engine.get(key, bytes)
        return found === undefined || value === undefined ? found === value : Buffer.compare(found, value) === 0
      } catch (error) {
        // Nobody can read it any more, written or not.
        if (errorCode(error) === 'NO_KEY') return true
        if (error instanceof WarrenError) return false
        throw error
      }
    })
  }

  #tellFailed(found: number | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(found)
      } catch (error) {
        // A bug of the listener's: it must be heard, and must not stop the groups.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
