/** Canonical CBOR (RFC 8949, section 4.2.1) restricted to what Warren uses: unsigned integers, bytes, text, arrays, null. */

import { utf8 } from './bytes.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { WarrenError } from './errors.ts'
import { limits } from './limits.ts'

/** Everything that travels. */
export type Value = number | string | Uint8Array | null | readonly Value[]

const writer = new CborWriter()

/** The one encoding of `value`. Throws BAD_SHAPE for numbers that are no unsigned integers, and for too deep nesting. */
export function encode(value: Value): Uint8Array {
  try {
    write(value, limits.valueDepth)
    return writer.take()
  } catch (error) {
    writer.clear()
    throw error
  }
}

function write(value: Value, depth: number): void {
  if (typeof value === 'number') writer.uint(value)
  else if (typeof value === 'string') writer.text(value)
  else if (value === null) writer.null()
  else if (value instanceof Uint8Array) writer.bytes(value)
  else {
    if (depth === 0) throw bad('nested as flat as it must be')
    writer.array(value.length)
    for (const item of value) write(item, depth - 1)
  }
}

/** Reads bytes that came from outside. Throws BAD_SHAPE for anything but the one encoding of one Value. */
export function decode(bytes: Uint8Array): Value {
  const from = new CborReader(bytes)
  const value = readValue(from)
  from.end()
  return value
}

/** The next value, whatever it is. Throws BAD_SHAPE. */
export function readValue(from: CborReader, depth: number = limits.valueDepth): Value {
  switch (from.peek()) {
    case 0:
      return from.uint()
    case 2:
      return from.bytes()
    case 3:
      return from.text()
    case 4: {
      // Without this, a megabyte of array heads would be a megabyte of stack.
      if (depth === 0) throw bad('nested as flat as it must be')
      const items: Value[] = []
      for (let left = from.array(); left > 0; left -= 1) items.push(readValue(from, depth - 1))
      return items
    }
    default:
      return from.null()
  }
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
