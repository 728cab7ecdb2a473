/** Canonical CBOR (RFC 8949, section 4.2.1) restricted to what Warren uses: unsigned integers, bytes, text, arrays, null. */

import { decode as cborDecode, encode as cborEncode, rfc8949EncodeOptions } from 'cborg'
import { sameBytes, utf8 } from './bytes.ts'
import { WarrenError } from './errors.ts'

/** Everything that travels. */
export type Value = number | string | Uint8Array | null | readonly Value[]

const decodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowInfinity: false,
  allowNaN: false,
  rejectDuplicateMapKeys: true,
} as const

/** The one encoding of `value`. */
export const encode = (value: Value): Uint8Array => cborEncode(value, rfc8949EncodeOptions)

const maxDepth = 8

function check(value: unknown, depth: number): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0))
      throw new WarrenError('BAD_SHAPE', 'not an unsigned integer')
    return
  }
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return
  if (!Array.isArray(value) || depth >= maxDepth) throw new WarrenError('BAD_SHAPE', 'a type that Warren does not use')
  for (const item of value) check(item, depth + 1)
}

/** Reads bytes that came from outside. Throws BAD_SHAPE for anything but the one encoding of one Value. */
export function decode(bytes: Uint8Array): Value {
  let value: unknown
  try {
    // Endless nesting ends here too: the RangeError of a full stack is caught like any other.
    value = cborDecode(bytes, decodeOptions)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not canonical CBOR', { cause })
  }
  check(value, 0)
  // A decoder cannot see every second spelling (floats, text that is not UTF-8): the encoder can.
  if (!sameBytes(encode(value as Value), bytes)) throw new WarrenError('BAD_SHAPE', 'not the canonical encoding')
  return value as Value
}

const bad = (what: string): WarrenError => new WarrenError('BAD_SHAPE', `not ${what}`)

/** An array of at least `least` items; later items are left for newer versions. */
export function readArray(value: Value | undefined, least = 0, most = Infinity): readonly Value[] {
  if (!Array.isArray(value) || value.length < least || value.length > most) throw bad('an array of the right size')
  return value as readonly Value[]
}

/** An unsigned integer up to `most`. */
export function readUint(value: Value | undefined, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || value > most) throw bad('an integer in range')
  return value
}

/** Bytes of exactly `length`. */
export function readBytes(value: Value | undefined, length: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== length) throw bad(`${length} bytes`)
  return value
}

/** Bytes of at most `most`. */
export function readBytesUpTo(value: Value | undefined, most: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw bad('bytes')
  if (value.length > most) throw new WarrenError('TOO_LARGE', `over ${most} bytes`)
  return value
}

/** Bytes of `length`, or none at all. */
export function readOptionalBytes(value: Value | undefined, length: number): Uint8Array | undefined {
  return value instanceof Uint8Array && value.length === 0 ? undefined : readBytes(value, length)
}

/** Text of at most `mostBytes` UTF-8 bytes. */
export function readText(value: Value | undefined, mostBytes: number): string {
  if (typeof value !== 'string') throw bad('text')
  if (value.length * 3 > mostBytes && utf8(value).length > mostBytes) {
    throw new WarrenError('TOO_LARGE', `over ${mostBytes} bytes of text`)
  }
  return value
}

/** Text of at most `most` Unicode code points. */
export function readCodePoints(value: Value | undefined, most: number): string {
  const text = readText(value, most * 4)
  if (text.length > most && Array.from(text).length > most)
    throw new WarrenError('TOO_LARGE', `over ${most} characters`)
  return text
}

/** The items of an array, each through `read`. */
export function readEach<T>(value: Value | undefined, most: number, read: (item: Value) => T): T[] {
  if (Array.isArray(value) && value.length > most) throw new WarrenError('TOO_LARGE', `over ${most} items`)
  return readArray(value).map((item) => read(item))
}
