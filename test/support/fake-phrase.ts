/** A recovery phrase in memory: the words of 32 zero bytes. */

import type { OwnPhrase } from '../../daemon/api/owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { RecoveryPhrase, ShownPhrase } from '../../protocol/http-phrase.ts'
import { phraseOf } from '../../protocol/words.ts'

export class FakePhrase implements OwnPhrase {
  readonly words = phraseOf(new Uint8Array(32))
  readonly #asked = [3, 11, 24]
  shown: RecoveryPhrase = { state: 'unwritten' }

  status(): RecoveryPhrase {
    return this.shown
  }

  show(): ShownPhrase {
    if (this.shown.state !== 'unwritten') throw new WarrenError('NOT_FOUND', 'the words are not on this device')
    return { words: this.words, asked: this.#asked }
  }

  async written(answers: readonly string[]): Promise<RecoveryPhrase> {
    const wrong = await Promise.resolve(this.#asked.find((place, at) => answers[at] !== this.words[place - 1]))
    if (wrong !== undefined)
      throw new WarrenError('BAD_SHAPE', `word ${wrong} is another one`, { details: { word: wrong } })
    this.shown = { state: 'written', writtenAt: 1_760_000_000_000 }
    return this.shown
  }
}
