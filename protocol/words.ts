/** Words that people read aloud for numbers: the English list of BIP-39, 2,048 of them. */

import { wordlist } from '@scure/bip39/wordlists/english.js'

/** Bits that one word stands for. */
export const wordBits = 11

/** The first `count` words that the bits of `bytes` spell; the checksum of BIP-39 is not among them. */
export function spellBits(bytes: Uint8Array, count: number): string[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: count }, (_, at) => {
    const number = Number.parseInt(bits.slice(at * wordBits, (at + 1) * wordBits), 2)
    return wordlist[number] ?? ''
  })
}
