/** Numbers that one seed decides (mulberry32): a plan can be made again. */

export interface Random {
  /** From 0 up to but not 1. */
  fraction(): number
  /** A whole number from 0 up to but not `end`. */
  below(end: number): number
  pick<T>(some: readonly T[]): T
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(fraction() * end)
  return { fraction, below, pick: (some) => some[below(some.length)] as (typeof some)[number] }
}
