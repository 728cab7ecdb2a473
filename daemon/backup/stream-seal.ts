/**
 * Seals a stream in chunks so that none can be changed, left out, doubled, moved or cut off unseen: the nonce of each counts it and
 * says whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, as age has it).
 */

import { aeadOpen, aeadSeal, type AeadKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'

export const chunkBytes = 64 * 1024
export const tagBytes = 16
const none = new Uint8Array(0)

/** 12 bytes: 7 zeros, the chunk's number in 4, and 1 behind the last chunk, 0 behind the others. */
function nonceOf(number: number, isLast: boolean): Uint8Array {
  if (number > 0xffff_ffff) throw new WarrenError('TOO_LARGE', 'a backup has at most 256 TiB')
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(number, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Cuts a stream into pieces of `size` bytes; the last has fewer, or none where nothing came at all. */
async function* pieces(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Uint8Array; isLast: boolean }> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const part of source) {
    held.push(part)
    length += part.length
    if (length <= size) continue
    let all: Uint8Array = Buffer.concat(held, length)
    // One byte more has to be there, or it may be the last.
    for (; all.length > size; all = all.subarray(size)) yield { bytes: all.subarray(0, size), isLast: false }
    held = [Uint8Array.from(all)]
    length = all.length
  }
  yield { bytes: Buffer.concat(held, length), isLast: true }
}

/** `key` is used for one stream only. */
export async function* sealStream(key: AeadKey, plain: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let number = 0
  for await (const { bytes, isLast } of pieces(plain, chunkBytes)) {
    yield aeadSeal(key, nonceOf(number, isLast), bytes, none)
    number += 1
  }
}

/** The plain bytes, each chunk once it is proven. Throws TRUNCATED where the end is missing, CANNOT_DECRYPT for any other change. */
export async function* openStream(key: AeadKey, sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let number = 0
  for await (const { bytes, isLast } of pieces(sealed, chunkBytes + tagBytes)) {
    yield openChunk(key, bytes, number, isLast)
    number += 1
  }
}

function openChunk(key: AeadKey, sealed: Uint8Array, number: number, isLast: boolean): Uint8Array {
  try {
    return aeadOpen(key, nonceOf(number, isLast), sealed, none)
  } catch (cause) {
    if (errorCode(cause) !== 'CANNOT_DECRYPT') throw cause
    // Whole as it is, but not meant to be the last: what follows was cut off.
    if (isLast && (sealed.length === 0 || opens(key, sealed, number)))
      throw new WarrenError('TRUNCATED', 'the backup breaks off before its end', { cause })
    throw new WarrenError('CANNOT_DECRYPT', 'the backup is damaged, or was changed', { cause })
  }
}

function opens(key: AeadKey, sealed: Uint8Array, number: number): boolean {
  try {
    aeadOpen(key, nonceOf(number, false), sealed, none)
    return true
  } catch {
    return false
  }
}
