/** Turns a stream of bytes into a sealed file: some chunks at a time, however long it is. */

import { createHash } from 'node:crypto'
import { blobIdFor, sealChunk, type BlobReference } from '../../protocol/blob.ts'
import { concat } from '../../protocol/bytes.ts'
import { aeadKey, sha256 } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobFile } from '../store/blob-files.ts'
import { sealedBytes } from './blob-record.ts'
import { ChunkWriter } from './chunk-writer.ts'

export interface SealOptions {
  /** Of this file alone, 32 random bytes. */
  readonly key: Uint8Array
  /** Bytes that it may have at most. */
  readonly most: number
}

export type Sealed = Pick<BlobReference, 'id' | 'key' | 'size' | 'hash'> & {
  /** SHA-256 of each sealed chunk. */
  readonly hashes: Uint8Array
}

/**
 * The pieces cut anew: each of `bytes`, but the last, which may be shorter, and empty only where there is nothing at all. One lasts until the
 * one behind the next is asked for.
 */
async function* inPieces(source: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(bytes)
  let other = new Uint8Array(bytes)
  let filled = 0
  for await (const part of source) {
    for (let at = 0; at < part.length;) {
      if (filled === bytes) {
        yield piece
        const rested = other
        other = piece
        piece = rested
        filled = 0
      }
      const taken = part.subarray(at, at + bytes - filled)
      piece.set(taken, filled)
      filled += taken.length
      at += taken.length
    }
  }
  yield piece.subarray(0, filled)
}

/** Writes `source` into `file`, sealed, and durably. Throws TOO_LARGE, STORE_…, and what `source` throws. */
export async function sealInto(
  file: BlobFile,
  source: AsyncIterable<Uint8Array>,
  { key, most }: SealOptions,
): Promise<Sealed> {
  const sealer = aeadKey(key)
  const plainHash = createHash('sha256')
  const hashes: Uint8Array[] = []
  const writer = new ChunkWriter(file, () => undefined)
  const memory = new Uint8Array(sealedBytes)
  let size = 0
  const take = async (plain: Uint8Array, isLast: boolean): Promise<void> => {
    const sealed = sealChunk(sealer, hashes.length, isLast, plain, memory)
    await writer.put(hashes.length, sealed)
    hashes.push(sha256(sealed))
  }
  // Whether a chunk is the last is known once another one comes, or none.
  let held: Uint8Array | undefined
  for await (const piece of inPieces(source, limits.chunkBytes)) {
    size += piece.length
    if (size > most) throw new WarrenError('TOO_LARGE', `a file has at most ${most} bytes here`)
    plainHash.update(piece)
    if (held !== undefined) await take(held, false)
    held = piece
  }
  await take(held ?? new Uint8Array(0), true)
  await writer.flush()
  await file.sync()
  const list = concat(...hashes)
  return { id: blobIdFor(list), key, size, hash: new Uint8Array(plainHash.digest()), hashes: list }
}

/** The pieces of `source`, until the signal says otherwise. */
export async function* until(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    signal.throwIfAborted()
    yield piece
  }
}
