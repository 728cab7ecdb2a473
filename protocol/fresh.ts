/**
 * Memory for small results. A value of over 64 bytes in memory of its own costs ten times as much to make, and the collector
 * as much again: it has to free each by itself.
 */

const slabBytes = 8192
/** Larger values would waste the end of a slab. */
const mostShared = 2048

let slab = new ArrayBuffer(slabBytes)
let used = 0

/** `length` zeros that are nobody else's. What outlives its neighbours keeps the memory of all of them, 8 KiB, so copy it. */
export function fresh(length: number): Uint8Array {
  if (length > mostShared) return new Uint8Array(length)
  if (used + length > slabBytes) {
    slab = new ArrayBuffer(slabBytes)
    used = 0
  }
  const out = new Uint8Array(slab, used, length)
  used += length
  return out
}
