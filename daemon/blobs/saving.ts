/** Files that are here whole, as a backup saves them: the bytes as they lie on the disk, each piece proven before it is given. */

import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobFile, BlobFiles } from '../store/blob-files.ts'
import type { BlobRecord } from './blob-record.ts'
import { isChunk, readSealed } from './reading.ts'

const tagBytes = 16
/** Chunks that are given at once: 1 MiB. */
const readChunks = 16

export interface SavedFile {
  /** On the disk. */
  readonly name: string
  /** About how many bytes it has there. */
  readonly about: number
  /**
   * Its bytes, in pieces of at most 1 MiB. Returns whether that was all of it: one that is gone, or damaged, ends early, and is nothing.
   * Throws CLOSING, STORE_FAILED.
   */
  read(): AsyncGenerator<Uint8Array, boolean, undefined>
}

export interface SavingDeps {
  readonly files: BlobFiles
  readonly hashes: (record: BlobRecord) => Uint8Array | undefined
  /** The bytes are not what they were, or not there. */
  readonly damaged: (record: BlobRecord) => void
  /** Of the room: nothing is read behind its end. */
  readonly ending: AbortSignal
}

/** Those of the moment of the call that are whole, by name. */
export function savedFiles(records: Iterable<BlobRecord>, deps: SavingDeps): SavedFile[] {
  return [...records]
    .filter(({ row }) => row.isWhole)
    .map((record) => ({
      name: record.row.file,
      // What its sender said of its size may be anything.
      about: Math.min(record.held, record.row.count * limits.chunkBytes) + tagBytes * record.row.count,
      read: () => read(record, deps),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function* read(record: BlobRecord, deps: SavingDeps): AsyncGenerator<Uint8Array, boolean, undefined> {
  deps.ending.throwIfAborted()
  if (record.isGone || !record.row.isWhole) return false
  const hashes = deps.hashes(record)
  const file = hashes === undefined ? undefined : await deps.files.open(record.row.file)
  if (hashes === undefined || file === undefined) {
    deps.damaged(record)
    return false
  }
  try {
    return yield* readAll({ record, file, hashes }, deps)
  } finally {
    await file.close()
  }
}

interface Opened {
  readonly record: BlobRecord
  readonly file: BlobFile
  readonly hashes: Uint8Array
}

async function* readAll(
  { record, file, hashes }: Opened,
  { damaged, ending }: SavingDeps,
): AsyncGenerator<Uint8Array, boolean, undefined> {
  const { count } = record.row
  for (let from = 0; from < count; from += readChunks) {
    if (ending.aborted) throw new WarrenError('CLOSING', 'the home is closing', { cause: ending.reason })
    const sealed = await readSealed(file, from, Math.min(readChunks, count - from))
    // Its conversation was deleted meanwhile.
    if (record.isGone) return false
    if (!sealed.every((bytes, at) => isChunk(hashes, from + at, bytes))) {
      damaged(record)
      return false
    }
    yield Buffer.concat(sealed)
  }
  return true
}
