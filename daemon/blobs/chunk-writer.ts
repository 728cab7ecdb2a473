/** Puts chunks that follow each other into a file together, some behind what comes meanwhile. */

import type { BlobFile } from '../store/blob-files.ts'
import { sealedBytes } from './blob-record.ts'

/** Chunks that are written at once. */
const writeChunks = 16

export class ChunkWriter {
  readonly #file: BlobFile
  readonly #written: (from: number, count: number) => void
  /** Of which one is filled while the other is written: the same memory again and again, which the processor has at hand. */
  #memory = new Uint8Array(0)
  #other = new Uint8Array(0)
  #from = 0
  #count = 0
  /** Bytes of `#memory` that are filled. */
  #filled = 0
  #writing: Promise<void> = Promise.resolve()

  /** `written`: so many chunks from a number on are in the file. */
  constructor(file: BlobFile, written: (from: number, count: number) => void) {
    this.#file = file
    this.#written = written
  }

  /** Copied at once. Throws what an earlier write threw. */
  async put(number: number, bytes: Uint8Array): Promise<void> {
    // One that is shorter than it could be ends what is written together: each has its place in the file.
    const isNext = number === this.#from + this.#count && this.#filled === this.#count * sealedBytes
    if (this.#count > 0 && !isNext) await this.#write()
    if (this.#count === 0) this.#from = number
    if (this.#memory.length === 0) this.#memory = new Uint8Array(writeChunks * sealedBytes)
    this.#memory.set(bytes, this.#filled)
    this.#filled += bytes.length
    this.#count += 1
    if (this.#count === writeChunks) await this.#write()
  }

  /** Begins to write what is here, once what came before is written. */
  async #write(): Promise<void> {
    await this.#writing
    const [from, count, bytes] = [this.#from, this.#count, this.#memory.subarray(0, this.#filled)]
    if (count === 0) return
    this.#count = 0
    this.#filled = 0
    const rested = this.#other
    this.#other = this.#memory
    this.#memory = rested
    const writing = this.#file.write(from * sealedBytes, [bytes]).then(() => this.#written(from, count))
    this.#writing = writing
    // Whoever waits for the next write hears of it.
    writing.catch(() => undefined)
  }

  /** Resolves when all is in the file. */
  async flush(): Promise<void> {
    await this.#write()
    await this.#writing
  }
}
