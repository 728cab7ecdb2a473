import { randomBytes } from 'node:crypto'
import t from 'tap'
import { phraseOf, seedOfPhrase } from '../../protocol/words.ts'

const seed = new Uint8Array(randomBytes(32))
const words = phraseOf(seed)

t.test('24 words are a seed, however they are typed', async (t) => {
  t.equal(words.length, 24)
  const numbered = words.map((word, at) => `${at + 1}. ${word.toUpperCase()}`).join('\n')
  for (const typed of [words.join(' '), ` ${words.join(',\t')}\n`, numbered]) t.strictSame(seedOfPhrase(typed), seed)
})

t.test('which word is wrong is said, and which is missing; a slip within the list too', async (t) => {
  const changed = (at: number, word: string): string => words.with(at, word).join(' ')
  const wrong = (text: string, details: object): unknown =>
    t.throws(() => seedOfPhrase(text), { code: 'BAD_SHAPE', details })
  wrong(changed(6, 'warren'), { phrase: 'unknown-word', word: 7 })
  wrong(words.slice(1).join(' '), { phrase: 'count', count: 23 })
  wrong('', { phrase: 'count', count: 0 })
  // One in 256 other words has the same checksum: the first that has not is taken.
  const others = phraseOf(new Uint8Array(32)).concat(phraseOf(new Uint8Array(32).fill(255)))
  const slip = others.map((word) => changed(6, word)).find((text) => !passes(text))
  wrong(slip ?? '', { phrase: 'checksum' })
})

function passes(text: string): boolean {
  try {
    return seedOfPhrase(text).length === 32
  } catch {
    return false
  }
}
