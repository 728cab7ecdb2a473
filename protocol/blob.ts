/** Files: chunks sealed under a key of their own, named by the hash of their chunk list. */

import { label } from './bytes.ts'
import { readArray, readBytes, readText, readUint, type Value } from './codec.ts'
import { aeadOpen, aeadSealInto, sha256, type AeadKey } from './crypto.ts'
import { WarrenError } from './errors.ts'
import { blobIdOf, idBytes, type BlobId } from './ids.ts'
import { limits } from './limits.ts'

/** How a message refers to a file. Whoever has it can find, open and check the file. */
export interface BlobReference {
  readonly id: BlobId
  /** 32 random bytes, of this file alone. */
  readonly key: Uint8Array
  /** Bytes of the plaintext. */
  readonly size: number
  /** Media type, as the sender says. */
  readonly type: string
  /** For display only: never a path. */
  readonly name: string
  /** SHA-256 of the plaintext. */
  readonly hash: Uint8Array
}

export const blobReferenceValue = ({ id, key, size, type, name, hash }: BlobReference): Value => [
  idBytes(id),
  key,
  size,
  type,
  name,
  hash,
]

/** Items behind these are left for newer versions, such as a picture's size. Throws BAD_SHAPE, TOO_LARGE. */
export function readBlobReference(value: Value | undefined): BlobReference {
  const f = readArray(value, 6)
  return {
    id: blobIdOf(readBytes(f[0], 32)),
    key: readBytes(f[1], 32),
    size: readUint(f[2]),
    type: readText(f[3], limits.mediaTypeBytes),
    name: readText(f[4], limits.fileNameBytes),
    hash: readBytes(f[5], 32),
  }
}

/** Chunks of a file of `size` bytes; an empty file has one, of no bytes. */
export const chunkCount = (size: number): number => Math.max(1, Math.ceil(size / limits.chunkBytes))

/** The id of a blob: `hashes` is the SHA-256 of each sealed chunk, one after the other. */
export const blobIdFor = (hashes: Uint8Array): BlobId => blobIdOf(sha256(label('blob'), hashes))

const associated = label('chunk')

/** The chunk's number, and whether it is the last: a file that was cut short does not open. */
function nonceOf(number: number, isLast: boolean): Uint8Array {
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 32) {
    throw new WarrenError('BAD_SHAPE', 'not the number of a chunk')
  }
  const nonce = new Uint8Array(12)
  nonce[0] = isLast ? 1 : 0
  new DataView(nonce.buffer).setUint32(8, number)
  return nonce
}

/** What a seal adds. */
const tagBytes = 16

/**
 * Seals chunk `number`, counted from 0. The key must be of this file alone. `memory`: with room for it, which the answer is then a part of.
 * Throws TOO_LARGE.
 */
export function sealChunk(
  key: AeadKey,
  number: number,
  isLast: boolean,
  plain: Uint8Array,
  memory: Uint8Array = new Uint8Array(plain.length + tagBytes),
): Uint8Array {
  if (plain.length > limits.chunkBytes) throw new WarrenError('TOO_LARGE', 'a chunk is too long')
  return aeadSealInto(key, nonceOf(number, isLast), plain, associated, memory)
}

/** Opens what sealChunk() made. Throws CANNOT_DECRYPT. */
export const openChunk = (key: AeadKey, number: number, isLast: boolean, sealed: Uint8Array): Uint8Array =>
  aeadOpen(key, nonceOf(number, isLast), sealed, associated)
