/** Words that people read aloud or write down for numbers: the English list of BIP-39, 2,048 of them. */

import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { WarrenError } from './errors.ts'

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

/** The 24 words of a recovery key's seed, 32 bytes, as BIP-39 writes them: 256 bits and 8 of checksum. */
export const phraseOf = (seed: Uint8Array): string[] => entropyToMnemonic(seed, wordlist).split(' ')

const words = new Set(wordlist)

/**
 * The seed of 24 words, however they are spaced and in whatever case. Throws BAD_SHAPE: for another number of words, for a word
 * that is not in the list (which is named), for a wrong checksum.
 */
export function seedOfPhrase(text: string): Uint8Array {
  const given = text
    .normalize('NFKD')
    .toLowerCase()
    .trim()
    .split(/[\s,]+/)
  if (given.length !== 24) throw new WarrenError('BAD_SHAPE', `a recovery phrase has 24 words, not ${given.length}`)
  const at = given.findIndex((word) => !words.has(word))
  if (at >= 0) throw new WarrenError('BAD_SHAPE', `word ${at + 1} is not a word of a recovery phrase`)
  try {
    return mnemonicToEntropy(given.join(' '), wordlist)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'the checksum of the words is wrong: one is mistyped, or two are swapped', {
      cause,
    })
  }
}
