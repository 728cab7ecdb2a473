/** Writes canonical CBOR (RFC 8949, section 4.2.1): every head in its shortest form. */

import { bytesInBase32, readBase32Into } from './bytes.ts'
import { WarrenError } from './errors.ts'
import { fresh } from './fresh.ts'
import { encodeTextInto } from './text.ts'

const headLength = (value: number): number => {
  if (value < 24) return 1
  if (value < 2 ** 8) return 2
  if (value < 2 ** 16) return 3
  return value < 2 ** 32 ? 5 : 9
}

/** Grows as it needs to; take() hands out a copy, so that one writer serves all calls. */
export class CborWriter {
  #bytes = new Uint8Array(4096)
  #at = 0

  /** What was written, in fresh memory, and starts again. */
  take(): Uint8Array {
    const out = fresh(this.#at)
    out.set(this.#bytes.subarray(0, this.#at))
    this.clear()
    return out
  }

  /** Forgets what was written, as after an error. */
  clear(): void {
    this.#at = 0
    // One huge value must not stay for ever.
    if (this.#bytes.length > 2 ** 21) this.#bytes = new Uint8Array(4096)
  }

  /** Throws BAD_SHAPE for anything that is not an unsigned integer below 2^53. */
  uint(value: number): void {
    this.#head(0, value)
  }

  bytes(value: Uint8Array): void {
    this.#head(0x40, value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** The bytes that a base32 text spells. Throws BAD_SHAPE. */
  base32(value: string): void {
    const length = bytesInBase32(value)
    this.#head(0x40, length)
    this.#reserve(length)
    readBase32Into(value, this.#bytes, this.#at)
    this.#at += length
  }

  text(value: string): void {
    this.#reserve(9 + value.length * 3)
    // Most text is ASCII: guess that, and move it if the guess of the head was too short.
    const guess = headLength(value.length)
    const from = this.#at
    const length = encodeTextInto(value, this.#bytes.subarray(from + guess))
    const actual = headLength(length)
    if (actual !== guess) this.#bytes.copyWithin(from + actual, from + guess, from + guess + length)
    this.#head(0x60, length)
    this.#at += length
  }

  /** Values that were encoded before. */
  encoded(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  array(count: number): void {
    this.#head(0x80, count)
  }

  null(): void {
    this.#reserve(1)
    this.#bytes[this.#at] = 0xf6
    this.#at += 1
  }

  #head(major: number, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
      throw new WarrenError('BAD_SHAPE', 'not an unsigned integer')
    }
    this.#reserve(9)
    const length = headLength(value)
    if (length === 1) this.#bytes[this.#at] = major | value
    else {
      this.#bytes[this.#at] = major | (55 - Math.clz32(length - 1))
      let rest = value
      for (let at = this.#at + length - 1; at > this.#at; at -= 1) {
        this.#bytes[at] = rest % 256
        rest = Math.floor(rest / 256)
      }
    }
    this.#at += length
  }

  #reserve(length: number): void {
    const need = this.#at + length
    if (need <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(need, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
  }
}
