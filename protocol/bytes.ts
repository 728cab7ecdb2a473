/** Small things about bytes that every room needs alike. */

import { base32 } from 'multiformats/bases/base32'
import { fromString, toString } from 'multiformats/bytes'
import { WarrenError } from './errors.ts'

/** UTF-8 bytes of `text`. Lone surrogates become U+FFFD, as everywhere on the web. */
export const utf8 = (text: string): Uint8Array => fromString(text)

/** The text of UTF-8 bytes. Throws BAD_SHAPE for anything that is not UTF-8. */
export function readUtf8(bytes: Uint8Array): string {
  const text = toString(bytes)
  if (!sameBytes(utf8(text), bytes)) throw new WarrenError('BAD_SHAPE', 'not UTF-8')
  return text
}

/** All parts one after the other, in fresh memory. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Byte-wise order: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** True if both hold the same bytes. Not constant time: for ids and hashes, never for secrets. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => compareBytes(a, b) === 0

/** Lower-case RFC 4648 base32 without padding: how ids are written. */
export const toBase32 = (bytes: Uint8Array): string => base32.baseEncode(bytes)

/** Reads base32. Throws BAD_SHAPE, also for stray bits, so that an id has one spelling only. */
export function fromBase32(text: string): Uint8Array {
  try {
    const bytes = base32.baseDecode(text)
    if (base32.baseEncode(bytes) === text) return bytes
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not base32', { cause })
  }
  throw new WarrenError('BAD_SHAPE', 'not canonical base32')
}

/** The bytes of a domain-separation label: `warren/1/<name>` and a zero byte. */
export const label = (name: string): Uint8Array => utf8(`warren/1/${name}\0`)
