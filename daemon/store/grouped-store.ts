/** The store over any engine: group commit, the dictionary, and what happens when a group cannot be written. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { clearRows } from './clear.ts'
import type { Dictionary } from './dictionary.ts'
import type { Engine, SealedRangeOptions } from './engine.ts'
import { Group } from './group.ts'
import { encodeKey } from './keys.ts'
import type { Batch, DictionaryId, Key, Row, Store, Table } from './store.ts'

export interface GroupedStoreDeps {
  readonly engine: Engine
  /** Loaded. */
  readonly dictionary: Dictionary
  readonly counts: Store['counts']
  readonly keepsakes: Store['keepsakes']
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

export class GroupedStore implements Store {
  readonly storeId: string
  readonly closedCleanly: boolean
  readonly counts: Store['counts']
  readonly keepsakes: Store['keepsakes']
  readonly #engine: Engine
  readonly #dictionary: Dictionary
  readonly #groupBytes: number
  readonly #listeners = new Set<() => void>()
  #queue: Waiting[] = []
  /** Ends when the queue is empty. */
  #draining: Promise<void> | undefined
  #building = false
  #failed = false
  #closing: Promise<void> | undefined

  constructor(deps: GroupedStoreDeps, options: GroupedStoreOptions) {
    this.#engine = deps.engine
    this.#dictionary = deps.dictionary
    this.counts = deps.counts
    this.keepsakes = deps.keepsakes
    this.storeId = options.storeId
    this.closedCleanly = options.closedCleanly
    this.#groupBytes = options.groupBytes
  }

  get(key: Key): Uint8Array | undefined {
    return this.#engine.get(key, encodeKey(key.table, key.at))
  }

  async range(table: Table, options: SealedRangeOptions = {}): Promise<Row[]> {
    return await this.#engine.range(table, options)
  }

  commit<T>(build: (batch: Batch) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closing !== undefined) throw new WarrenError('CLOSING', 'the store is closing')
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

  onFailed(listener: () => void): () => void {
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
    await this.#engine.createKey(conversation)
  }

  async dropConversationKey(conversation: number): Promise<void> {
    await this.#engine.dropKey(conversation)
  }

  async clear(table: Table, prefix: readonly number[], signal: AbortSignal): Promise<void> {
    await clearRows(this.#engine, async (build) => await this.commit(build), { table, prefix, signal })
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#draining
      await this.#engine.close()
    })()
    return this.#closing
  }

  /** One group after the other, each a microtask later, so that calls of one tick share it. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await Promise.resolve()
      if (this.#failed) await this.#recover()
      else await this.#writeGroup()
    }
    this.#draining = undefined
  }

  async #writeGroup(): Promise<void> {
    const group = new Group(this.#engine, this.#dictionary)
    const built = this.#runBuilds(group)
    const { operations } = group
    try {
      if (operations.length > 0) {
        await this.#engine.write(operations)
        this.counts.batches += 1
        this.counts.writes += operations.length
      }
    } catch (error) {
      this.#failed = true
      this.#dictionary.rollBack(0)
      for (const { waiting } of built) waiting.reject(error)
      this.#tellFailed()
      return
    }
    this.#dictionary.settle()
    for (const { done } of built) done()
  }

  #runBuilds(group: Group): { readonly waiting: Waiting; readonly done: () => void }[] {
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
  async #recover(): Promise<void> {
    try {
      await this.#engine.recover()
      await this.#dictionary.load(this.#engine, 0)
      this.#failed = false
      this.#tellFailed()
    } catch (cause) {
      const error = unwritable(cause)
      for (const waiting of this.#queue.splice(0)) waiting.reject(error)
    }
  }

  #tellFailed(): void {
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        // A bug of the listener's: it must be heard, and must not stop the groups.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
