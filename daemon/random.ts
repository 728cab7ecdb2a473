/** Random bytes from a pool: asking the system for 32 at a time costs a third of sealing a message. */

import { randomBytes, randomFillSync } from 'node:crypto'

const pool = { bytes: new Uint8Array(16 * 1024), at: 16 * 1024 }

/** From a CSPRNG; the caller's alone. */
export function random(length: number): Uint8Array {
  if (length > 1024) return new Uint8Array(randomBytes(length))
  if (pool.at + length > pool.bytes.length) {
    randomFillSync(pool.bytes)
    pool.at = 0
  }
  const out = pool.bytes.slice(pool.at, pool.at + length)
  // What was given out is a key for somebody: it must not lie here, too.
  pool.bytes.fill(0, pool.at, pool.at + length)
  pool.at += length
  return out
}
