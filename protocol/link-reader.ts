/** Walks over the bytes of a link. */

import { WarrenError } from './errors.ts'

export class LinkReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Throws BAD_LINK if there are fewer. */
  take(length: number): Uint8Array {
    const out = this.#bytes.slice(this.#at, this.#at + length)
    if (out.length !== length) throw new WarrenError('BAD_LINK', 'the link is cut off')
    this.#at += length
    return out
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  /** Throws BAD_LINK unless every byte was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new WarrenError('BAD_LINK', 'the link goes on after its end')
  }
}
