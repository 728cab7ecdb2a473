/** Words that people read aloud or write down for numbers: the English list of BIP-39, 2,048 of them. */

import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { utf8 } from './bytes.ts'
import { WarrenError } from './errors.ts'
import { limits } from './limits.ts'

/** Bits that one word stands for. */
const wordBits = 11

/** The first `count` words that the bits of `bytes` spell; the checksum of BIP-39 is not among them. */
export function spellBits(bytes: Uint8Array, count: number): string[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: count }, (_, at) => {
    const number = Number.parseInt(bits.slice(at * wordBits, (at + 1) * wordBits), 2)
    return wordlist[number] ?? ''
  })
}

/** Words of a recovery phrase. */
export const phraseWords = 24

/** The 24 words of a recovery key's seed, 32 bytes, as BIP-39 writes them: 256 bits and 8 of checksum. */
export const phraseOf = (seed: Uint8Array): string[] => entropyToMnemonic(seed, wordlist).split(' ')

const words = new Set(wordlist)

/** What is wrong with words that are no recovery phrase: in the details of BAD_SHAPE. */
export type PhraseProblem =
  | { readonly phrase: 'count'; readonly count: number }
  /** `word`: which one is not in the list, from 1 on. */
  | { readonly phrase: 'unknown-word'; readonly word: number }
  | { readonly phrase: 'checksum' }

const wrong = (message: string, details: PhraseProblem, cause?: unknown): WarrenError =>
  new WarrenError('BAD_SHAPE', message, { details, cause })

/** The words of a typed text, however they are spaced, numbered and in whatever case. */
export const typedWords = (text: string): string[] =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')

/** The seed of 24 words. Throws BAD_SHAPE with a PhraseProblem, TOO_LARGE. */
export function seedOfPhrase(text: string): Uint8Array {
  if (utf8(text).length > limits.phraseBytes) throw new WarrenError('TOO_LARGE', 'that is more than 24 words')
  const given = typedWords(text)
  if (given.length !== phraseWords)
    throw wrong(`a recovery phrase has 24 words, not ${given.length}`, { phrase: 'count', count: given.length })
  const at = given.findIndex((word) => !words.has(word))
  if (at >= 0)
    throw wrong(`word ${at + 1} is not a word of a recovery phrase`, { phrase: 'unknown-word', word: at + 1 })
  try {
    return mnemonicToEntropy(given.join(' '), wordlist)
  } catch (cause) {
    const message = 'these are not the 24 words: one is another word of the list, or two are swapped'
    throw wrong(message, { phrase: 'checksum' }, cause)
  }
}
