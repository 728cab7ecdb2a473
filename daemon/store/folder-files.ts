/** Files beside the database, in a folder of the home. */

import { mkdir, open, readdir, rm, statfs, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isFileName, type BlobFile, type BlobFiles } from './blob-files.ts'
import { syncFolder } from './durable-file.ts'
import { storageError } from './storage-error.ts'
import { WarrenError } from '../../protocol/errors.ts'

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

async function orStorageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw storageError(cause)
  }
}

class OpenFile implements BlobFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async read(at: number, length: number, into = new Uint8Array(length)): Promise<Uint8Array> {
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await orStorageError(this.#handle.read(into, filled, length - filled, at + filled))
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return into.subarray(0, filled)
  }

  async fill(at: number, places: readonly Uint8Array[]): Promise<boolean> {
    let left = places
    for (let position = at; left.length > 0;) {
      const { bytesRead } = await orStorageError(this.#handle.readv([...left], position))
      if (bytesRead === 0) return false
      position += bytesRead
      left = without(left, bytesRead)
    }
    return true
  }

  async write(at: number, pieces: readonly Uint8Array[]): Promise<void> {
    let left = pieces
    for (let position = at; left.length > 0;) {
      const { bytesWritten } = await orStorageError(this.#handle.writev([...left], position))
      position += bytesWritten
      left = without(left, bytesWritten)
    }
  }

  async sync(): Promise<void> {
    await orStorageError(this.#handle.datasync())
  }

  async close(): Promise<void> {
    await orStorageError(this.#handle.close())
  }
}

/** The pieces without their first `bytes`: a disk that fills takes a part, and says why with the next call; one that reads may be called off. */
function without(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes
  return pieces.flatMap((piece) => {
    const skipped = Math.min(skip, piece.length)
    skip -= skipped
    return skipped === piece.length ? [] : [piece.subarray(skipped)]
  })
}

export class FolderFiles implements BlobFiles {
  readonly #folder: string

  /** `folder` is made with the first file. */
  constructor(folder: string) {
    this.#folder = folder
  }

  #path(name: string): string {
    if (!isFileName(name)) throw new WarrenError('STORE_DAMAGED', 'not the name of a file of ours')
    return join(this.#folder, name)
  }

  async create(name: string): Promise<BlobFile> {
    return await orStorageError(this.#create(this.#path(name)))
  }

  async #create(path: string): Promise<BlobFile> {
    const made = await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) await syncFolder(dirname(this.#folder))
    const handle = await open(path, 'wx+', 0o600)
    await syncFolder(this.#folder)
    return new OpenFile(handle)
  }

  async open(name: string): Promise<BlobFile | undefined> {
    try {
      return new OpenFile(await open(this.#path(name), 'r+'))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw storageError(error)
    }
  }

  async remove(name: string): Promise<void> {
    await orStorageError(rm(this.#path(name), { force: true }))
    await orStorageError(syncFolder(this.#folder)).catch((error: unknown) => {
      if (!(error instanceof WarrenError && isMissing(error.cause))) throw error
    })
  }

  async names(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter(isFileName)
    } catch (error) {
      if (isMissing(error)) return []
      throw storageError(error)
    }
  }

  async room(): Promise<number> {
    // The folder of files is made with the first one.
    const { bavail, bsize } = await orStorageError(statfs(dirname(this.#folder)))
    return bavail * bsize
  }
}
