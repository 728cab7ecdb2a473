/** Who has seen what, for operations that come one by one: each costs little more than the operations it names. */

const blockBits = 1024

/** Which of 1,024 operations were seen. Never changed once made: operations that saw the same share it. */
interface Block {
  readonly bits: Uint32Array
  readonly count: number
}
type Past = readonly (Block | undefined)[]

const countOf = (bits: Uint32Array): number => {
  let count = 0
  for (let word of bits) for (; word !== 0; word &= word - 1) count += 1
  return count
}

function merge(a: Block | undefined, b: Block | undefined): Block | undefined {
  if (a === undefined || a === b) return b
  if (b === undefined) return a
  const bits = a.bits.map((word, at) => word | (b.bits[at] ?? 0))
  const count = countOf(bits)
  if (count === a.count) return a
  return count === b.count ? b : { bits, count }
}

function withBit(block: Block | undefined, bit: number): Block {
  const bits = block === undefined ? new Uint32Array(blockBits / 32) : block.bits.slice()
  const word = bits[bit >> 5] ?? 0
  bits[bit >> 5] = word | (1 << (bit & 31))
  return { bits, count: (block?.count ?? 0) + ((word >>> (bit & 31)) & 1 ? 0 : 1) }
}

export class CausalIndex {
  readonly #pasts: Past[] = []
  readonly #sizes: number[] = []
  /** How often somebody asked; work is counted, not timed. */
  looks = 0

  /** The number of the next operation; `causes` are the numbers of all that it names. */
  add(causes: readonly number[]): number {
    const number = this.#pasts.length
    const [first, ...others] = causes.toSorted((a, b) => this.sizeOf(b) - this.sizeOf(a))
    const past: (Block | undefined)[] = first === undefined ? [] : [...(this.#pasts[first] ?? [])]
    for (const cause of others) {
      for (const [at, block] of (this.#pasts[cause] ?? []).entries()) past[at] = merge(past[at], block)
    }
    for (const cause of causes) {
      const at = Math.floor(cause / blockBits)
      while (past.length < at) past.push(undefined)
      past[at] = withBit(past[at], cause % blockBits)
    }
    this.#pasts.push(past)
    this.#sizes.push(past.reduce((sum, block) => sum + (block?.count ?? 0), 0))
    return number
  }

  /** Whether `later` has seen `earlier`, directly or not. None has seen itself. */
  hasSeen(later: number, earlier: number): boolean {
    this.looks += 1
    const block = this.#pasts[later]?.[Math.floor(earlier / blockBits)]
    const bit = earlier % blockBits
    return block !== undefined && (((block.bits[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1
  }

  /** True if neither has seen the other. */
  areConcurrent(a: number, b: number): boolean {
    return a !== b && !this.hasSeen(a, b) && !this.hasSeen(b, a)
  }

  /** How many operations one has seen: more than any that it has seen. */
  sizeOf(number: number): number {
    return this.#sizes[number] ?? 0
  }
}
