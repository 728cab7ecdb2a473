/** Changes to recorded bytes: blind ones, and ones inside the CBOR, which get past the first look of a reader. */

import { decode, encode, type Value } from '../../protocol/codec.ts'
import { limits } from '../../protocol/limits.ts'

type Random = () => number

/** Heads of every type with counts that lie, and both ends of a byte. */
const heads = [
  0x00, 0x17, 0x18, 0x1b, 0x40, 0x5a, 0x5b, 0x78, 0x7b, 0x80, 0x9a, 0x9b, 0xbf, 0xf6, 0xf7, 0xff, 0x7f, 0x01,
]

const numbers = [
  0,
  1,
  2,
  23,
  24,
  63,
  64,
  255,
  256,
  1023,
  1024,
  1025,
  65_535,
  65_536,
  2 ** 32,
  2 ** 48,
  Number.MAX_SAFE_INTEGER,
]

/** Twice the longest frame: what is longer is refused by its length alone. */
const mostBytes = 2 * limits.entriesFrameBytes

export class Mutator {
  readonly #random: Random
  readonly #corpus: readonly Uint8Array[]

  /** `random` from 0 up to 1; everything follows from it. */
  constructor(random: Random, corpus: readonly Uint8Array[]) {
    this.#random = random
    this.#corpus = corpus
  }

  below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** A recorded byte string with one to four changes. */
  next(): Uint8Array {
    let bytes = this.pick(this.#corpus)
    for (let left = 1 + this.below(4); left > 0; left -= 1) {
      bytes = (this.below(3) === 0 ? this.#blind(bytes) : this.inside(bytes)).subarray(0, mostBytes)
    }
    return bytes
  }

  /** One change to the values that the bytes stand for; blind where they stand for none. */
  inside(bytes: Uint8Array): Uint8Array {
    let value: Value
    try {
      value = decode(bytes)
      return encode(this.#changed(value, 0))
    } catch {
      return this.#blind(bytes)
    }
  }

  #blind(bytes: Uint8Array): Uint8Array {
    const at = this.below(bytes.length + 1)
    const other = this.pick(this.#corpus)
    switch (this.below(7)) {
      case 0:
        return bytes.subarray(0, at)
      case 1:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + this.below(8))])
      case 2:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + 40), bytes.subarray(at)])
      case 3:
        return Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.length))])
      case 4:
        return Buffer.concat([bytes.subarray(0, at), this.bytes(1 + this.below(8)), bytes.subarray(at)])
      default: {
        const out = Uint8Array.from(bytes)
        if (out.length > 0) out[at % out.length] = this.below(2) === 0 ? this.pick(heads) : this.below(256)
        return out
      }
    }
  }

  /** The deeper, the likelier that the change happens right here. */
  #changed(value: Value, depth: number): Value {
    if (Array.isArray(value) && value.length > 0 && this.below(4 + depth) < 4) {
      const items = [...(value as readonly Value[])]
      const at = this.below(items.length)
      switch (this.below(10)) {
        case 0:
          items.splice(at, 1)
          break
        case 1:
          items.splice(at, 0, items[at] as Value)
          break
        case 2: {
          // Long lists of one thing: what is checked one by one must have a bound.
          const item = items[at] as Value
          const most = Math.min(1200, mostBytes / encode(item).length)
          items.splice(at, 1, ...Array.from({ length: this.below(most) }, () => item))
          break
        }
        case 3:
          items.push(this.#any())
          break
        default:
          items[at] = this.#changed(items[at] as Value, depth + 1)
      }
      return items
    }
    if (this.below(4) === 0) return this.#any()
    if (typeof value === 'number')
      return this.below(2) === 0 ? this.pick(numbers) : Math.max(0, value + this.below(5) - 2)
    if (value instanceof Uint8Array) return this.#otherBytes(value)
    if (typeof value === 'string')
      return this.below(2) === 0 ? value + value : value.slice(this.below(value.length + 1))
    return this.#any()
  }

  #otherBytes(value: Uint8Array): Uint8Array {
    switch (this.below(5)) {
      case 0:
        return new Uint8Array(0)
      case 1:
        return value.subarray(0, value.length - 1)
      case 2:
        return Buffer.concat([value, this.bytes(1)])
      case 3:
        return this.bytes(value.length)
      default:
        // Bytes are often CBOR themselves: a header, a payload.
        return value.length > 8 ? this.inside(value) : this.bytes(8)
    }
  }

  #any(): Value {
    switch (this.below(7)) {
      case 0:
        return this.pick(numbers)
      case 1:
        return this.bytes(this.pick([0, 1, 8, 16, 31, 32, 33, 64, 300]))
      case 2:
        return 'x'.repeat(this.pick([0, 1, 64, 65, 256, 300]))
      case 3:
        return []
      case 4:
        return [[], [[]]]
      case 5:
        return null
      default:
        return '\u202e\u{1f600}\u0000'
    }
  }
}
