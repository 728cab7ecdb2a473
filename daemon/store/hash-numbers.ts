/** Names as numbers, for keys of the store: never the name itself. */

import { sha256 } from '../../protocol/crypto.ts'

/** The first 96 bits of SHA-256 as two numbers of 48 bits. */
export function hashNumbers(name: Uint8Array): [number, number] {
  const hash = sha256(name)
  const number = (at: number): number => hash.subarray(at, at + 6).reduce((sum, byte) => sum * 256 + byte, 0)
  return [number(0), number(6)]
}
