/** Files beside a database in memory: what was not synced is gone after a crash. */

import { WarrenError } from '../../protocol/errors.ts'
import type { BlobFile, BlobFiles } from './blob-files.ts'
import type { Fault } from './memory-disk.ts'

class Contents {
  bytes = new Uint8Array(0)
  /** As a crash leaves it. */
  durable = new Uint8Array(0)
}

export interface MemoryFilesDeps {
  /** While there is one, nothing can be written. */
  readonly fault: () => Fault | undefined
  readonly session: () => number
}

export class MemoryFiles implements BlobFiles {
  readonly #deps: MemoryFilesDeps
  readonly #files = new Map<string, Contents>()

  constructor(deps: MemoryFilesDeps) {
    this.#deps = deps
  }

  /** What was not synced is lost. */
  crash(): void {
    for (const file of this.#files.values()) file.bytes = Uint8Array.from(file.durable)
  }

  copyTo(other: MemoryFiles): void {
    for (const [name, { bytes }] of this.#files) {
      const copy = new Contents()
      copy.bytes = Uint8Array.from(bytes)
      copy.durable = Uint8Array.from(bytes)
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

  #opened(contents: Contents): BlobFile {
    const session = this.#deps.session()
    return {
      read: async (at, length) => {
        await Promise.resolve()
        return contents.bytes.slice(at, at + length)
      },
      write: async (at, pieces) => {
        await this.#check(session)
        let position = at
        for (const piece of pieces) {
          contents.bytes = grown(contents.bytes, position + piece.length)
          contents.bytes.set(piece, position)
          position += piece.length
        }
      },
      sync: async () => {
        await this.#check(session)
        contents.durable = Uint8Array.from(contents.bytes)
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

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes
  const out = new Uint8Array(length)
  out.set(bytes)
  return out
}
