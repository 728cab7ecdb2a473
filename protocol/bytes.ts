/** Small things about bytes that every room needs alike. */

import { WarrenError } from './errors.ts'
import { fresh } from './fresh.ts'
import { decodeText, encodeText } from './text.ts'

/** UTF-8 bytes of `text`. Lone surrogates become U+FFFD, as everywhere on the web. */
export const utf8 = (text: string): Uint8Array => encodeText(text)

/** The text of UTF-8 bytes. Throws BAD_SHAPE for anything that is not UTF-8. */
export const readUtf8 = (bytes: Uint8Array): string => decodeText(bytes)

/** All parts one after the other, in fresh memory. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = fresh(length)
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
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const letters = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0))
const values = new Int8Array(128).fill(-1)
for (let at = 0; at < alphabet.length; at += 1) values[alphabet.charCodeAt(at)] = at

/** Where short texts are spelt: one buffer, and a view of it for every length. */
const spelling = new Uint8Array(64)
const spelt = Array.from({ length: spelling.length + 1 }, (_, length) => spelling.subarray(0, length))

/**
 * Lower-case RFC 4648 base32 without padding: how ids are written. The text is made in one piece: one that is added up letter by
 * letter stays a tree in memory until it is first compared, which costs more than all else that is done with an id.
 */
export function toBase32(bytes: Uint8Array): string {
  const length = Math.ceil((bytes.length * 8) / 5)
  const out = length <= spelling.length ? spelling : new Uint8Array(length)
  let buffer = 0
  let bits = 0
  let at = 0
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0x1fff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out[at] = letters[(buffer >> bits) & 31] ?? 0
      at += 1
    }
  }
  if (bits > 0) out[at] = letters[(buffer << (5 - bits)) & 31] ?? 0
  return decodeText(out === spelling ? (spelt[length] ?? out) : out)
}

/** Reads base32. Throws BAD_SHAPE, also for stray bits, so that an id has one spelling only. */
export function fromBase32(text: string): Uint8Array {
  const out = new Uint8Array(bytesInBase32(text))
  readBase32Into(text, out, 0)
  return out
}

/** How many bytes so many letters are. */
export const bytesInBase32 = (text: string): number => Math.floor((text.length * 5) / 8)

/** As fromBase32(), into `out` from `at` on. */
export function readBase32Into(text: string, out: Uint8Array, at: number): void {
  let buffer = 0
  let bits = 0
  let written = at
  for (let index = 0; index < text.length; index += 1) {
    const value = values[text.charCodeAt(index)] ?? -1
    if (value < 0) throw new WarrenError('BAD_SHAPE', 'not base32')
    buffer = ((buffer << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      out[written] = buffer >> bits
      written += 1
    }
  }
  if (bits >= 5 || (buffer & ((1 << bits) - 1)) !== 0) throw new WarrenError('BAD_SHAPE', 'not canonical base32')
}

/** The bytes of a domain-separation label: `warren/1/<name>` and a zero byte. */
export const label = (name: string): Uint8Array => utf8(`warren/1/${name}\0`)
