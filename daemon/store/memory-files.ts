/** Files beside a database in memory: what was not synced is gone after a crash. */

import { WarrenError } from '../../protocol/errors.ts'
import type { BlobFile, BlobFiles } from './blob-files.ts'
import type { Fault } from './memory-disk.ts'

class Contents {
  #memory = new Uint8Array(0)
  #length = 0
  /** As a crash leaves it. */
  #durable = new Uint8Array(0)

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  put(at: number, piece: Uint8Array): void {
    const end = at + piece.length
    if (end > this.#memory.length) {
      const grown = new Uint8Array(Math.max(end, this.#memory.length * 2))
      grown.set(this.bytes)
      this.#memory = grown
    }
    this.#memory.set(piece, at)
    this.#length = Math.max(this.#length, end)
  }

  sync(): void {
    this.#durable = Uint8Array.from(this.bytes)
  }

  crash(): void {
    this.#memory = Uint8Array.from(this.#durable)
    this.#length = this.#memory.length
  }
}

export interface MemoryFilesDeps {
  /** While there is one, nothing can be written. */
  readonly fault: () => Fault | undefined
  readonly session: () => number
}

export class MemoryFiles implements BlobFiles {
  readonly #deps: MemoryFilesDeps
  readonly #files = new Map<string, Contents>()
  /** What room() answers. */
  roomBytes = Infinity

  constructor(deps: MemoryFilesDeps) {
    this.#deps = deps
  }

  /** What was not synced is lost. */
  crash(): void {
    for (const file of this.#files.values()) file.crash()
  }

  copyTo(other: MemoryFiles): void {
    for (const [name, { bytes }] of this.#files) {
      const copy = new Contents()
      copy.put(0, bytes)
      copy.sync()
      other.#files.set(name, copy)
    }
  }

  /** The very bytes of a file, for tests that damage them. */
  bytes(name: string): Uint8Array | undefined {
    return this.#files.get(name)?.bytes
  }

  async create(name: string): Promise<BlobFile> {
    await this.#check(this.#deps.session())
    if (this.#files.has(name)) throw new WarrenError('STORE_FAILED', 'the file is there already')
    const contents = new Contents()
    this.#files.set(name, contents)
    return this.#opened(contents)
  }

  async open(name: string): Promise<BlobFile | undefined> {
    await Promise.resolve()
    const contents = this.#files.get(name)
    return contents === undefined ? undefined : this.#opened(contents)
  }

  async remove(name: string): Promise<void> {
    await this.#check(this.#deps.session())
    this.#files.delete(name)
  }

  async names(): Promise<string[]> {
    await Promise.resolve()
    return [...this.#files.keys()]
  }

  async room(): Promise<number> {
    return await Promise.resolve(this.roomBytes)
  }

  #opened(contents: Contents): BlobFile {
    const session = this.#deps.session()
    return {
      read: async (at, length) => {
        await Promise.resolve()
        return contents.bytes.slice(at, at + length)
      },
      fill: async (at, places) => {
        await Promise.resolve()
        let position = at
        return places.every((place) => {
          const bytes = contents.bytes.subarray(position, position + place.length)
          place.set(bytes)
          position += place.length
          return bytes.length === place.length
        })
      },
      write: async (at, pieces) => {
        await this.#check(session)
        let position = at
        for (const piece of pieces) {
          contents.put(position, piece)
          position += piece.length
        }
      },
      sync: async () => {
        await this.#check(session)
        contents.sync()
      },
      close: async () => await Promise.resolve(),
    }
  }

  async #check(session: number): Promise<void> {
    await Promise.resolve()
    const fault = this.#deps.fault()
    if (fault !== undefined) throw new WarrenError(fault.code, 'the disk fails on demand')
    if (session !== this.#deps.session()) throw new WarrenError('CLOSING', 'the disk crashed')
  }
}
