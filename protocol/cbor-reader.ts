/**
 * Reads canonical CBOR (RFC 8949, section 4.2.1) of the five types that Warren uses and nothing else: what it accepts
 * is the one encoding of one value, so no second encoding is needed to prove it.
 */

import { WarrenError } from './errors.ts'
import { decodeText } from './text.ts'

const bad = (what: string): WarrenError => new WarrenError('BAD_SHAPE', what)
const none = new Uint8Array(0)

/** The major types of RFC 8949, section 3.1. */
const major = { uint: 0, bytes: 2, text: 3, array: 4, simple: 7 } as const

/** Walks over bytes from their first to their last. Every method throws BAD_SHAPE for bytes that say otherwise. */
export class CborReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    // A Buffer's slice() shares memory, and its class would leak into what is read.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** How far it has read. */
  get position(): number {
    return this.#at
  }

  /** Throws unless every byte was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw bad('bytes behind the value')
  }

  /** The major type of the next item. */
  peek(): number {
    const first = this.#bytes[this.#at]
    if (first === undefined) throw bad('the value is cut off')
    return first >> 5
  }

  /** An unsigned integer below 2^53. */
  uint(): number {
    return this.#head(major.uint)
  }

  /** Bytes, in memory of their own: they do not keep what they were read from alive. */
  bytes(): Uint8Array {
    const [from, to] = this.#span(major.bytes)
    return from === to ? none : this.#bytes.slice(from, to)
  }

  /** Bytes of exactly `length`; a view, for callers that convert them at once. */
  view(length: number): Uint8Array {
    const [from, to] = this.#span(major.bytes)
    if (to - from !== length) throw bad(`not ${length} bytes`)
    return this.#bytes.subarray(from, to)
  }

  /** Bytes of any length; a view, for callers that do not keep it. */
  piece(): Uint8Array {
    const [from, to] = this.#span(major.bytes)
    return this.#bytes.subarray(from, to)
  }

  /** As view(), or undefined for no bytes at all. */
  optionalView(length: number): Uint8Array | undefined {
    if (this.#bytes[this.#at] !== 0x40) return this.view(length)
    this.#at += 1
    return undefined
  }

  text(): string {
    const [from, to] = this.#span(major.text)
    return decodeText(this.#bytes.subarray(from, to))
  }

  /** The head of an array: its number of items, each of which has at least a byte to come. */
  array(): number {
    const count = this.#head(major.array)
    if (count > this.#bytes.length - this.#at) throw bad('an array is cut off')
    return count
  }

  /** Steps over one item that is not an array. */
  skip(): void {
    const type = this.peek()
    if (type === major.bytes || type === major.text) this.#span(type)
    else if (type === major.uint) this.uint()
    else this.null()
  }

  null(): null {
    if (this.#bytes[this.#at] !== 0xf6) throw bad('a type that Warren does not use')
    this.#at += 1
    return null
  }

  #span(type: number): readonly [from: number, to: number] {
    const length = this.#head(type)
    const from = this.#at
    if (length > this.#bytes.length - from) throw bad('the value is cut off')
    this.#at = from + length
    return [from, this.#at]
  }

  /** The argument of an item of major type `type`, in its shortest form (RFC 8949, section 3). */
  #head(type: number): number {
    const first = this.#bytes[this.#at]
    if (first === undefined) throw bad('the value is cut off')
    if (first >> 5 !== type) throw bad('another type than expected')
    const info = first & 31
    this.#at += 1
    if (info < 24) return info
    if (info > 27) throw bad('not canonical CBOR')
    const width = 1 << (info - 24)
    if (this.#at + width > this.#bytes.length) throw bad('the value is cut off')
    let value = 0
    for (let end = this.#at + width; this.#at < end; this.#at += 1) value = value * 256 + (this.#bytes[this.#at] ?? 0)
    if (value < (width === 1 ? 24 : 2 ** (width * 4)) || value > Number.MAX_SAFE_INTEGER) {
      throw bad('not canonical CBOR, or over 2^53')
    }
    return value
  }
}
