/** The 24 words of the recovery key: shown until they are written down, and on no device of the owner's afterwards. */

import { sameBytes } from '../../protocol/bytes.ts'
import { decode, encode, readArray, readBytes, readUint } from '../../protocol/codec.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { RecoveryPhrase, ShownPhrase } from '../../protocol/http-phrase.ts'
import { phraseOf, phraseWords, typedWords } from '../../protocol/words.ts'
import type { PrivateRegisters } from '../registers/private-registers.ts'

export interface PhraseDeskDeps {
  /** The seed that this device keeps; see recoverySeedIn(). */
  readonly seed: () => Uint8Array | undefined
  /** Durable when it resolves. */
  readonly forget: () => Promise<void>
  /** The public half of the recovery key that counts now. */
  readonly recoveryKey: () => Uint8Array
  readonly registers: Pick<PrivateRegisters, 'get' | 'own' | 'set'>
  readonly random: (length: number) => Uint8Array
  readonly now: () => number
  readonly changed: () => void
}

/** What the own devices tell each other: `[recovery key, when its words were written down]`. */
export const phraseMark = 'phrase'
const askedWords = 3

export class PhraseDesk {
  readonly #deps: PhraseDeskDeps
  /** Which words were asked for when they were shown last. */
  #asked: readonly number[] = []

  constructor(deps: PhraseDeskDeps) {
    this.#deps = deps
  }

  status(): RecoveryPhrase {
    const writtenAt = this.#writtenAt()
    if (writtenAt !== undefined) return { state: 'written', writtenAt }
    return { state: this.#seed() === undefined ? 'elsewhere' : 'unwritten' }
  }

  /** Throws NOT_FOUND where the words are not. */
  show(): ShownPhrase {
    const words = phraseOf(this.#require())
    this.#asked = drawn(this.#deps.random)
    return { words, asked: [...this.#asked] }
  }

  /**
   * The owner wrote them down, as the words at the places asked for show. This device forgets them: durable when it resolves. Throws
   * CONFLICT before they were shown, NOT_FOUND, and BAD_SHAPE with `{word}`, the first place that is wrong.
   */
  async written(answers: readonly string[]): Promise<RecoveryPhrase> {
    const words = phraseOf(this.#require())
    if (this.#asked.length === 0) throw new WarrenError('CONFLICT', 'look at the words first')
    const wrong = this.#asked.find((place, at) => typedWords(answers[at] ?? '').join(' ') !== words[place - 1])
    if (wrong !== undefined)
      throw new WarrenError('BAD_SHAPE', `word ${wrong} is another one`, { details: { word: wrong } })
    const { registers, recoveryKey, forget, now, changed } = this.#deps
    await registers.set(phraseMark, encode([recoveryKey(), now()]))
    await forget()
    this.#asked = []
    changed()
    return this.status()
  }

  /** A stop may have come between the two things that written() does. */
  async settle(): Promise<void> {
    if (this.#writtenAt() !== undefined && this.#deps.seed() !== undefined) await this.#deps.forget()
  }

  #require(): Uint8Array {
    const seed = this.#writtenAt() === undefined ? this.#seed() : undefined
    if (seed === undefined) throw new WarrenError('NOT_FOUND', 'the words are not on this device')
    return seed
  }

  /** Of the key that counts: another recovery may have replaced it. */
  #seed(): Uint8Array | undefined {
    const seed = this.#deps.seed()
    const isCurrent = seed !== undefined && sameBytes(publicBytes(signingKeyFromSeed(seed)), this.#deps.recoveryKey())
    return isCurrent ? seed : undefined
  }

  /** Where the words are, only what this device said counts: another one, in a thief's hands, could else end words that are on no paper. */
  #writtenAt(): number | undefined {
    const { registers } = this.#deps
    const value = this.#seed() === undefined ? registers.get(phraseMark) : registers.own(phraseMark)
    if (value === undefined) return undefined
    try {
      const [key, at] = readArray(decode(value), 2)
      return sameBytes(readBytes(key, 32), this.#deps.recoveryKey()) ? readUint(at) : undefined
    } catch (error) {
      // A device that is newer, or faulty, changes nothing.
      if (error instanceof WarrenError) return undefined
      throw error
    }
  }
}

/** Different places, in their order. A little bias does not matter: this is against slips, not against anybody. */
function drawn(random: (length: number) => Uint8Array): number[] {
  const places = new Set<number>()
  while (places.size < askedWords) places.add(1 + ((random(1)[0] ?? 0) % phraseWords))
  return [...places].toSorted((a, b) => a - b)
}
