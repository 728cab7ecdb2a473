/** Looks which chunks of a file are on the disk as they should be. */

import type { BlobFile } from '../store/blob-files.ts'
import { Chunks } from './blob-record.ts'
import { isChunk, readSealed } from './reading.ts'

const readChunks = 16

/** Reads all of it, some chunks at a time. Throws the signal's reason, STORE_FAILED. */
export async function examineFile(file: BlobFile, hashes: Uint8Array, signal: AbortSignal): Promise<Chunks> {
  const chunks = new Chunks(hashes.length / 32)
  for (let from = 0; from < chunks.all; from += readChunks) {
    signal.throwIfAborted()
    const sealed = await readSealed(file, from, Math.min(readChunks, chunks.all - from))
    for (const [at, bytes] of sealed.entries()) if (isChunk(hashes, from + at, bytes)) chunks.add(from + at)
  }
  return chunks
}
