/** Which files belong to which conversation, all in memory, and on the disk under the key of each conversation. */

import { concat } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { BlobId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { firstNumbers } from '../store/sweep.ts'
import { tables, type Batch, type Store } from '../store/store.ts'
import { BlobRecord } from './blob-record.ts'
import { blobKey, blobRow, chunksKey, readBlobRow, type BlobRow } from './blob-row.ts'

const partBytes = limits.chunkHashes * 32

export class Catalogue {
  readonly #store: Store
  readonly #records = new Map<Scope, Map<BlobId, BlobRecord>>()
  /** Numbers of conversations. */
  readonly #loaded = new Set<number>()
  /** A row could not be read: a file that no row names may be one that is needed. */
  isDamaged = false

  constructor(store: Store) {
    this.#store = store
  }

  /** Throws STORE_FAILED. */
  async load(conversations: Iterable<Scope>): Promise<void> {
    for (const conversation of conversations) await this.#load(conversation)
    await this.#lookBeside()
  }

  /** Rows of a conversation whose own row a damaged disk took: it may be put back, and then needs its files. */
  async #lookBeside(): Promise<void> {
    for (const number of await firstNumbers(this.#store, tables.blob))
      if (!this.#loaded.has(number) && (await this.#hasKey(number))) this.isDamaged = true
  }

  async #hasKey(number: number): Promise<boolean> {
    try {
      await this.#store.range(tables.blob, { prefix: [number], under: number, limit: 1, damaged: () => undefined })
      return true
    } catch (error) {
      // It was deleted, and its rows are still being cleared away.
      if (errorCode(error) === 'NO_KEY') return false
      throw error
    }
  }

  async #load(conversation: Scope): Promise<void> {
    const number = this.#store.numberOf(conversation)
    if (number === undefined) return
    this.#loaded.add(number)
    const damaged = (): void => {
      this.isDamaged = true
    }
    try {
      const rows = await this.#store.range(tables.blob, { prefix: [number], under: number, damaged })
      for (const { value } of rows) this.#set(new BlobRecord(conversation, number, readBlobRow(value)))
    } catch (error) {
      // Of one that is being deleted.
      if (errorCode(error) === 'NO_KEY') return
      if (errorCode(error) !== 'STORE_DAMAGED') throw error
      this.isDamaged = true
    }
  }

  #set(record: BlobRecord): void {
    const own = this.#records.get(record.conversation) ?? new Map<BlobId, BlobRecord>()
    this.#records.set(record.conversation, own)
    own.set(record.id, record)
  }

  get(conversation: Scope, id: BlobId): BlobRecord | undefined {
    return this.#records.get(conversation)?.get(id)
  }

  /** Throws NOT_FOUND for one that is not here to its end. */
  whole(conversation: Scope, id: BlobId): BlobRecord {
    const record = this.get(conversation, id)
    if (record?.row.isWhole !== true) throw new WarrenError('NOT_FOUND', 'no such file')
    return record
  }

  of(conversation: Scope): BlobRecord[] {
    return [...(this.#records.get(conversation)?.values() ?? [])]
  }

  all(): BlobRecord[] {
    return [...this.#records.values()].flatMap((own) => [...own.values()])
  }

  /**
   * Notes a file, with the hashes of its chunks if they are given; durable when it resolves. One that is there already stays, and is
   * answered. Throws NOT_FOUND for a conversation that is not there, STORE_….
   */
  async add(conversation: Scope, row: BlobRow, hashes?: Uint8Array): Promise<BlobRecord> {
    const { id } = row.reference
    const number = this.#store.numberOf(conversation)
    if (number === undefined) throw new WarrenError('NOT_FOUND', 'no such conversation')
    const record = new BlobRecord(conversation, number, row)
    try {
      return await this.#store.commit((batch) => {
        const known = this.get(conversation, id)
        if (known !== undefined) return known
        this.#put(batch, record, row, hashes)
        // Within the build, so that whoever comes behind it in the same group finds it.
        this.#set(record)
        return record
      })
    } catch (error) {
      if (this.get(conversation, id) === record) this.#take(record)
      throw unlessGone(error)
    }
  }

  /** Changes what is kept of a file; durable when it resolves. Throws NOT_FOUND for one that is gone, STORE_…. */
  async change(record: BlobRecord, change: Partial<BlobRow>, hashes?: Uint8Array): Promise<void> {
    const before = record.turn
    const { promise: turn, resolve } = Promise.withResolvers<void>()
    record.turn = turn
    await before
    try {
      const row = { ...record.row, ...change }
      await this.#store.commit((batch) => {
        if (record.isGone) throw new WarrenError('NOT_FOUND', 'no such file')
        this.#put(batch, record, row, hashes)
      })
      record.row = row
    } catch (error) {
      throw unlessGone(error)
    } finally {
      resolve()
    }
  }

  #put(batch: Batch, record: BlobRecord, row: BlobRow, hashes: Uint8Array | undefined): void {
    batch.put(blobKey(this.#store, record.number, row.reference.id), blobRow(row))
    if (hashes !== undefined) this.#putHashes(batch, record, hashes)
  }

  #putHashes(batch: Batch, record: BlobRecord, hashes: Uint8Array): void {
    const { id } = record
    for (let part = 0; part * partBytes < hashes.length; part += 1) {
      const key = chunksKey(this.#store, record.number, id, part)
      batch.put(key, hashes.slice(part * partBytes, (part + 1) * partBytes))
    }
  }

  /** SHA-256 of each sealed chunk, one after the other; undefined if they are not all here. Throws STORE_FAILED. */
  hashes(record: BlobRecord): Uint8Array | undefined {
    if (record.row.count === 0) return undefined
    const parts = Array.from({ length: Math.ceil(record.row.count / limits.chunkHashes) }, (_, part) =>
      this.hashesOf(record, part),
    )
    return parts.includes(undefined) ? undefined : concat(...(parts as Uint8Array[]))
  }

  /** The `part`th so many of them (limits.chunkHashes), counted from 0; fewer at the end. Undefined if they are not here. Throws STORE_FAILED. */
  hashesOf(record: BlobRecord, part: number): Uint8Array | undefined {
    const bytes = Math.min(partBytes, record.row.count * 32 - part * partBytes)
    const value = bytes > 0 ? this.#part(record, part) : undefined
    return value?.length === bytes ? value : undefined
  }

  #part(record: BlobRecord, part: number): Uint8Array | undefined {
    try {
      return this.#store.get(chunksKey(this.#store, record.number, record.id, part))
    } catch (error) {
      const code = errorCode(error)
      if (code === 'STORE_DAMAGED' || code === 'NO_KEY') return undefined
      throw error
    }
  }

  /** Forgets a file; durable when it resolves. Its bytes are the caller's to remove. Throws STORE_…. */
  async remove(record: BlobRecord): Promise<void> {
    const { id } = record
    try {
      await this.#store.commit((batch) => {
        batch.delete(blobKey(this.#store, record.number, id))
        for (let part = 0; part * limits.chunkHashes < record.row.count; part += 1)
          batch.delete(chunksKey(this.#store, record.number, id, part))
        // Within the build, so that no change comes behind it and puts a row without a file there.
        record.isGone = true
      })
    } catch (error) {
      record.isGone = this.get(record.conversation, id) !== record
      throw error
    }
    this.#take(record)
  }

  /** The conversation was deleted: its rows go with it. Answers what it had. */
  forget(conversation: Scope): BlobRecord[] {
    const records = this.of(conversation)
    for (const each of records) this.#take(each)
    return records
  }

  #take(record: BlobRecord): void {
    record.isGone = true
    const own = this.#records.get(record.conversation)
    own?.delete(record.id)
    if (own?.size === 0) this.#records.delete(record.conversation)
  }
}

/** A conversation without a key was deleted, and its files with it. */
const unlessGone = (error: unknown): unknown =>
  errorCode(error) === 'NO_KEY' ? new WarrenError('NOT_FOUND', 'no such conversation', { cause: error }) : error
