/** The file that one stream gives: open while it does, with the hashes that its chunks are checked against. */

import { ChunkFrames } from '../../protocol/blob-frames.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobFile, BlobFiles } from '../store/blob-files.ts'
import { sealedBytes, type BlobRecord } from './blob-record.ts'
import type { BlobTalk } from './blob-talk.ts'
import type { Catalogue } from './catalogue.ts'
import { isChunk, readSealed } from './reading.ts'

/** Chunks that are read at once. */
const readChunks = 16

export interface GivenFileDeps {
  readonly catalogue: Catalogue
  readonly files: BlobFiles
}

/** As many as stand in one row: a stream goes through a file from its beginning to its end. */
interface Part {
  readonly record: BlobRecord
  readonly number: number
  readonly hashes: Uint8Array
}

export class GivenFile {
  readonly #deps: GivenFileDeps
  #name = ''
  #file: BlobFile | undefined
  #part: Part | undefined

  constructor(deps: GivenFileDeps) {
    this.#deps = deps
  }

  /**
   * Sends some of the chunks `from` to `to`, which are here, and answers how many. 0: they are not what they were, and none was sent, for
   * the asker would hold a wrong one against us. Throws STORE_….
   */
  async give(talk: BlobTalk, record: BlobRecord, from: number, to: number): Promise<number> {
    const file = await this.#open(record)
    if (file === undefined) return 0
    const last = record.row.count - 1
    if (from === last) return await this.#giveLast(talk, record, file)
    const count = Math.min(readChunks, to - from + 1, last - from)
    const frames = new ChunkFrames(from, count)
    if (!(await file.fill(from * sealedBytes, frames.places))) return 0
    if (!frames.places.every((bytes, at) => this.#isWhole(record, from + at, bytes))) return 0
    talk.sendChunks(frames)
    return count
  }

  /** It may be shorter than the others. */
  async #giveLast(talk: BlobTalk, record: BlobRecord, file: BlobFile): Promise<number> {
    const number = record.row.count - 1
    const [bytes] = await readSealed(file, number, 1)
    if (bytes === undefined || !this.#isWhole(record, number, bytes)) return 0
    talk.send({ is: 'chunk', number, bytes })
    return 1
  }

  /** By its hash: opening its seal takes less time where a processor is slow at hashes, but leaves as much memory to the collector. */
  #isWhole(record: BlobRecord, number: number, bytes: Uint8Array): boolean {
    const hashes = this.#hashes(record, Math.floor(number / limits.chunkHashes))
    return hashes !== undefined && isChunk(hashes, number % limits.chunkHashes, bytes)
  }

  #hashes(record: BlobRecord, number: number): Uint8Array | undefined {
    if (this.#part?.record === record && this.#part.number === number) return this.#part.hashes
    const hashes = this.#deps.catalogue.hashesOf(record, number)
    if (hashes !== undefined) this.#part = { record, number, hashes }
    return hashes
  }

  /** The one that was given last, or another one. */
  async #open({ row }: BlobRecord): Promise<BlobFile | undefined> {
    if (this.#name === row.file && this.#file !== undefined) return this.#file
    await this.close()
    this.#name = row.file
    this.#file = await this.#deps.files.open(row.file)
    return this.#file
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}
