/** Reads what a file of a conversation says: opened and checked, some chunks at a time. */

import { createHash, type Hash } from 'node:crypto'
import { chunkCount, openChunk, type BlobReference } from '../../protocol/blob.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { aeadKey, sha256, type AeadKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobFile, BlobFiles } from '../store/blob-files.ts'
import { sealedBytes, type BlobRecord } from './blob-record.ts'

/** Chunks that are read at once. */
const readChunks = 16

export interface Range {
  /** The first byte. */
  readonly from: number
  /** The first byte behind. */
  readonly to: number
}

export interface ReadingDeps {
  readonly files: BlobFiles
  readonly hashes: (record: BlobRecord) => Uint8Array | undefined
  /** The bytes are not what they were, or not there. */
  readonly damaged: (record: BlobRecord) => void
}

/** Sealed chunks as they lie in the file: shorter, or empty, where it ends. `into`: memory for as many. */
export async function readSealed(
  file: BlobFile,
  from: number,
  count: number,
  into?: Uint8Array,
): Promise<Uint8Array[]> {
  const bytes = await file.read(from * sealedBytes, count * sealedBytes, into)
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * sealedBytes, (at + 1) * sealedBytes))
}

/** Whether the bytes of a chunk are those that its file is named by. */
export const isChunk = (hashes: Uint8Array, number: number, sealed: Uint8Array): boolean =>
  sameBytes(sha256(sealed), hashes.subarray(number * 32, number * 32 + 32))

interface Opening {
  readonly record: BlobRecord
  readonly file: BlobFile
  readonly key: AeadKey
  /** As it is described. */
  readonly size: number
}

export class Reading {
  readonly #deps: ReadingDeps

  constructor(deps: ReadingDeps) {
    this.#deps = deps
  }

  /**
   * The bytes of a range of a whole file, as one message refers to it. Throws STORE_DAMAGED where its bytes are not what they were,
   * CANNOT_DECRYPT and BAD_HASH where the sender described another file, NOT_FOUND once it is gone, STORE_FAILED.
   */
  async *read(
    record: BlobRecord,
    reference: BlobReference,
    { from, to }: Range,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    if (record.row.count !== chunkCount(reference.size)) throw notAsDescribed()
    const file = await this.#deps.files.open(record.row.file)
    if (file === undefined) throw this.#damaged(record)
    // Of a file that is read from end to end also what its sender says of it is checked.
    const isWhole = from <= 0 && to >= reference.size
    const plainHash = isWhole ? createHash('sha256') : undefined
    try {
      const end = Math.min(to, reference.size)
      yield* this.#open(
        { record, file, key: aeadKey(reference.key), size: reference.size },
        { from, to: end },
        plainHash,
      )
    } finally {
      await file.close()
    }
    if (plainHash !== undefined && !sameBytes(new Uint8Array(plainHash.digest()), reference.hash))
      throw notAsDescribed()
  }

  /** Whether a file that is here is what a reference says of it. Throws as read() where it is damaged. */
  async isOf(record: BlobRecord, reference: BlobReference): Promise<boolean> {
    try {
      const pieces = this.read(record, reference, { from: 0, to: reference.size })
      while ((await pieces.next()).done !== true);
      return true
    } catch (error) {
      const code = errorCode(error)
      if (code === 'CANNOT_DECRYPT' || code === 'BAD_HASH') return false
      throw error
    }
  }

  async *#open(
    opening: Opening,
    { from, to }: Range,
    plainHash: Hash | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    if (from >= to) return
    const { count } = opening.record.row
    const last = Math.floor((to - 1) / limits.chunkBytes)
    for (let number = Math.floor(from / limits.chunkBytes); number <= last;) {
      if (opening.record.isGone) throw new WarrenError('NOT_FOUND', 'no such file')
      for (const sealed of await readSealed(opening.file, number, Math.min(readChunks, last - number + 1))) {
        const plain = this.#openOne(opening, number, sealed)
        if (number === count - 1 && number * limits.chunkBytes + plain.length !== opening.size) throw notAsDescribed()
        plainHash?.update(plain)
        const start = number * limits.chunkBytes
        yield plain.subarray(Math.max(0, from - start), Math.max(0, to - start))
        number += 1
      }
    }
  }

  #openOne({ record, key }: Opening, number: number, sealed: Uint8Array): Uint8Array {
    try {
      return openChunk(key, number, number === record.row.count - 1, sealed)
    } catch (error) {
      if (errorCode(error) !== 'CANNOT_DECRYPT') throw error
      const hashes = this.#deps.hashes(record)
      if (hashes !== undefined && isChunk(hashes, number, sealed)) throw error
      throw this.#damaged(record)
    }
  }

  #damaged(record: BlobRecord): WarrenError {
    this.#deps.damaged(record)
    return new WarrenError('STORE_DAMAGED', 'the file is damaged here: it is fetched again from who has it')
  }
}

const notAsDescribed = (): WarrenError => new WarrenError('BAD_HASH', 'this is not the file that its sender described')
