/** The engine on LevelDB: every value sealed with its full key as associated data. */

import type { AeadKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { writeBufferBytes, type Database } from './database.ts'
import type { Engine, Operation, SealedRangeOptions } from './engine.ts'
import type { Keyring } from './keyring.ts'
import { boundsOf, decodeKey } from './keys.ts'
import { readRows } from './read-rows.ts'
import { checkRoom } from './room.ts'
import { openSealed, type Seal } from './seal.ts'
import { storageError } from './storage-error.ts'
import {
  isIndexKey,
  type IndexKey,
  type Key,
  type RangeOptions,
  type Row,
  type SealedTable,
  type Store,
  type Table,
  type Tolerance,
} from './store.ts'
import { checkWhole } from './whole.ts'

/** Key and value as they lie in the database. */
type Stored = readonly [Uint8Array, Uint8Array]

/** What LevelDB on Node can do and the types of `level`, made for browsers too, do not say. */
type Compacting = Database & { compactRange(start: Uint8Array, end: Uint8Array): Promise<void> }

/** LevelDB needs this to open: it turns its log into tables, and begins a new log and a manifest. */
const freeBytesToReopen = 3 * writeBufferBytes
/** Rows that one step of a range brings, and opens in one go: about 3 ms of the event loop. */
const rangeRows = 1000
const rangeBytes = 512 * 1024

export interface LevelEngineDeps {
  readonly database: Database
  readonly keyring: Keyring
  readonly seal: Seal
  readonly counts: Store['counts']
  /** Called by close() when every row that was acknowledged is safe, while the lock is still held. */
  readonly markClosed: () => Promise<void>
  /** close() leaves the database open, and with it the lock of the home, unless its log was torn. */
  readonly keepDatabase?: boolean
}

/** A disk that does not answer is no damage: perhaps all is there. */
function tellDamage(cause: unknown, damaged: (at: readonly number[]) => void): void {
  const error = storageError(cause)
  if (error.code !== 'STORE_DAMAGED') throw error
  damaged([])
}

/** What `read` makes of a row; a damaged one is told, if anybody wants to hear of it. */
function tolerant<T>(
  damaged: Tolerance['damaged'],
  bytes: Uint8Array,
  read: (at: readonly number[]) => T,
): T | undefined {
  let at: readonly number[] = []
  try {
    at = decodeKey(bytes)
    return read(at)
  } catch (error) {
    if (damaged === undefined || errorCode(error) !== 'STORE_DAMAGED') throw error
    damaged(at)
    return undefined
  }
}

export class LevelEngine implements Engine {
  readonly #database: Database
  readonly #keyring: Keyring
  readonly #seal: Seal
  readonly #counts: Store['counts']
  readonly #ranges = new Set<Promise<unknown>>()
  readonly #markClosed: () => Promise<void>
  readonly #keepDatabase: boolean
  #failed = false
  #reopening: Promise<void> | undefined

  constructor(deps: LevelEngineDeps) {
    this.#database = deps.database
    this.#keyring = deps.keyring
    this.#seal = deps.seal
    this.#counts = deps.counts
    this.#markClosed = deps.markClosed
    this.#keepDatabase = deps.keepDatabase ?? false
  }

  get(key: Key | IndexKey, bytes: Buffer): Uint8Array | undefined {
    let sealed: Uint8Array | undefined
    try {
      sealed = this.#database.getSync(bytes)
    } catch (cause) {
      throw storageError(cause)
    }
    if (sealed === undefined || isIndexKey(key)) return sealed
    return this.#open(this.#keyOf(key.under), key, bytes, sealed)
  }

  async range(table: SealedTable, options: SealedRangeOptions): Promise<Row[]> {
    const { under, damaged } = options
    return await this.#read(table, options, (found, rows) => {
      const sealingKey = this.#keyOf(under)
      for (const [bytes, sealed] of found) {
        const row = tolerant(damaged, bytes, (at) => ({
          at,
          value: this.#open(sealingKey, { table, at }, bytes, sealed),
        }))
        if (row !== undefined) rows.push(row)
      }
    })
  }

  async numbers(table: Table, options: RangeOptions & Tolerance): Promise<(readonly number[])[]> {
    return await this.#read<readonly number[]>(table, options, (found, rows) => {
      for (const [bytes] of found) {
        const at = tolerant(options.damaged, bytes, (at) => at)
        if (at !== undefined) rows.push(at)
      }
    })
  }

  prepare(operations: readonly Operation[]): () => Promise<void> {
    const batch = operations.map(({ key, bytes, value }) => {
      if (value === undefined) return { type: 'del' as const, key: bytes }
      const sealed = isIndexKey(key) ? value : this.#seal(this.#keyOf(key.under), value, bytes)
      return { type: 'put' as const, key: bytes, value: sealed }
    })
    return async () => {
      try {
        await this.#database.batch(batch, { sync: true })
      } catch (cause) {
        this.#failed = true
        const error = storageError(cause)
        throw error.code === 'STORE_FULL' || error.code === 'STORE_DAMAGED'
          ? error
          : new WarrenError('STORE_FAILED', error.message, { cause })
      }
    }
  }

  /**
   * Opens the database anew. LevelDB goes on behind a torn record of its log as if nothing had happened, and drops at the next
   * start what it wrote there, acknowledged as it was: after a failed write that log must not be written again.
   */
  async recover(): Promise<void> {
    // Before anything is closed: as long as it cannot be opened again, it can be read still.
    await checkRoom(this.#database.location, freeBytesToReopen)
    this.#reopening = this.#reopen()
    await this.#reopening
    this.#reopening = undefined
    this.#failed = false
  }

  async #reopen(): Promise<void> {
    // Those that begin from now on wait for us.
    await Promise.allSettled(this.#ranges)
    try {
      await this.#database.close()
      await checkWhole(this.#database.location)
      await this.#database.open()
    } catch (cause) {
      throw storageError(cause)
    }
  }

  async compact(table: Table, prefix: readonly number[]): Promise<void> {
    const { lower, upper } = boundsOf(table, { prefix })
    if (this.#reopening !== undefined) await this.#reopening
    try {
      // The second one takes what the first wrote from memory.
      for (let round = 0; round < 2; round += 1) await (this.#database as Compacting).compactRange(lower, upper)
    } catch (cause) {
      throw storageError(cause)
    }
  }

  nameNumbers(name: Uint8Array): readonly [number, number] {
    return this.#keyring.nameNumbers(name)
  }

  keysMade(): number {
    return this.#keyring.keysMade
  }

  hasKey(conversation: number): boolean {
    return this.#keyring.has(conversation)
  }

  async createKey(conversation: number): Promise<void> {
    await this.#keyring.create(conversation)
  }

  async dropKey(conversation: number): Promise<void> {
    await this.#keyring.drop(conversation)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#ranges)
    await this.#keyring.settled()
    // Without the mark the next start takes a closer look, so that a full disk need not keep anybody from closing.
    if (!this.#failed) await Promise.allSettled([this.#markClosed()])
    // A torn log must not be written again: whoever opens next begins a new one.
    if (this.#failed || !this.#keepDatabase) await this.#database.close()
  }

  async #read<T>(
    table: Table,
    options: RangeOptions & Tolerance,
    take: (found: readonly Stored[], rows: T[]) => void,
  ): Promise<T[]> {
    const reading = this.#readAll(table, options, take)
    this.#ranges.add(reading)
    try {
      return await reading
    } catch (cause) {
      throw storageError(cause)
    } finally {
      this.#ranges.delete(reading)
    }
  }

  async #readAll<T>(
    table: Table,
    options: RangeOptions & Tolerance,
    take: (found: readonly Stored[], rows: T[]) => void,
  ): Promise<T[]> {
    if (this.#reopening !== undefined) await this.#reopening
    const { damaged } = options
    const rows: T[] = []
    for await (const found of readRows(this.#database, {
      bounds: boundsOf(table, options),
      reverse: options.reverse ?? false,
      limit: options.limit ?? -1,
      chunkRows: rangeRows,
      chunkBytes: rangeBytes,
      ...(damaged === undefined ? {} : { unreadable: (cause) => tellDamage(cause, damaged) }),
    }))
      take(found, rows)
    return rows
  }

  #keyOf(under: number | undefined): AeadKey {
    return under === undefined ? this.#keyring.homeKey : this.#keyring.key(under)
  }

  #open(sealingKey: AeadKey, { table, at }: Key, bytes: Uint8Array, sealed: Uint8Array): Uint8Array {
    this.#counts.reads += 1
    try {
      return openSealed(sealingKey, sealed, bytes)
    } catch (cause) {
      if (errorCode(cause) !== 'CANNOT_DECRYPT') throw cause
      throw new WarrenError(
        'STORE_DAMAGED',
        'a value of the database is damaged: warren doctor says what can be done',
        { cause, details: { table, at } },
      )
    }
  }
}
