/**
 * A small memory of how bytes are spelt as text. The headers of a run repeat their scope, device and epoch, and base58
 * costs ten times what the rest of a header does.
 */

import { sameBytes } from './bytes.ts'

/** Direct-mapped and of fixed size, so that no peer can make it grow: a collision only costs a new spelling. */
export class SpellingMemory {
  readonly #slots: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[]
  readonly #spell: (bytes: Uint8Array) => string

  /** `spell` must be pure; `size` is a power of two. */
  constructor(spell: (bytes: Uint8Array) => string, size = 1024) {
    this.#spell = spell
    this.#slots = Array.from({ length: size })
  }

  text(bytes: Uint8Array): string {
    const slot = ((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)) & (this.#slots.length - 1)
    const known = this.#slots[slot]
    if (known !== undefined && sameBytes(known.bytes, bytes)) return known.text
    const text = this.#spell(bytes)
    this.#slots[slot] = { bytes: Uint8Array.from(bytes), text }
    return text
  }
}
