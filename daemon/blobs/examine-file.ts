/** Looks which chunks of a file are on the disk as they should be. */

import type { BlobFile, BlobFiles } from '../store/blob-files.ts'
import { Chunks, sealedBytes, type BlobRecord } from './blob-record.ts'
import { isChunk, readSealed } from './reading.ts'

const readChunks = 16

/** Reads all of it, some chunks at a time. Throws the signal's reason, STORE_FAILED. */
export async function examineFile(file: BlobFile, hashes: Uint8Array, signal: AbortSignal): Promise<Chunks> {
  const chunks = new Chunks(hashes.length / 32)
  const memory = new Uint8Array(Math.min(readChunks, chunks.all) * sealedBytes)
  for (let from = 0; from < chunks.all; from += readChunks) {
    signal.throwIfAborted()
    const sealed = await readSealed(file, from, Math.min(readChunks, chunks.all - from), memory)
    for (const [at, bytes] of sealed.entries()) if (isChunk(hashes, from + at, bytes)) chunks.add(from + at)
  }
  return chunks
}

interface Shelves {
  readonly files: BlobFiles
  readonly hashes: (record: BlobRecord) => Uint8Array | undefined
}

/** Those that should be here whole, and are not. Throws the signal's reason, STORE_FAILED. */
export async function damagedFiles(
  records: readonly BlobRecord[],
  shelves: Shelves,
  signal: AbortSignal,
): Promise<BlobRecord[]> {
  const damaged: BlobRecord[] = []
  for (const record of records) {
    signal.throwIfAborted()
    if (record.row.isWhole && !(await isAsItCame(record, shelves, signal)) && !record.isGone) damaged.push(record)
  }
  return damaged
}

async function isAsItCame(record: BlobRecord, { files, hashes }: Shelves, signal: AbortSignal): Promise<boolean> {
  const list = hashes(record)
  const file = list === undefined ? undefined : await files.open(record.row.file)
  if (list === undefined || file === undefined) return false
  try {
    const chunks = await examineFile(file, list, signal)
    return chunks.count === chunks.all
  } finally {
    await file.close()
  }
}
