import fc from 'fast-check'
import t from 'tap'
import { checkPassphrase, passphraseStrength } from '../../../daemon/lock/passphrase.ts'
import { limits } from '../../../protocol/limits.ts'

const code = (passphrase: string): string => {
  try {
    checkPassphrase(passphrase)
    return 'taken'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

t.test('the shortest that is taken has twelve characters', async (t) => {
  const text = 'vQ7!mz2#Lr9%kw4&'
  t.equal(limits.passphraseLeastCodePoints, 12)
  t.equal(code(text.slice(0, 12)), 'taken')
  t.equal(code(text.slice(0, 11)), 'WEAK_PASSPHRASE')
  t.equal(passphraseStrength(text.slice(0, 11)).verdict, 'short')
  t.equal(code('👩‍🚀🦊🐙'), 'WEAK_PASSPHRASE', 'characters are code points')
  t.equal(code('ﷺ'.repeat(300)), 'TOO_LARGE', 'what counts is the normal form')
})

t.test('what every list of stolen passwords holds is not taken, however long', async (t) => {
  const weak = [
    'passwordpassword',
    'Password12345678',
    'aaaaaaaaaaaaaaaaaaaa',
    'abcdefghijklmnop',
    '123456789012345',
    'qwertyqwerty',
    'qwertz123456',
    '111111111111',
    'iloveyou1234',
    'lololololololo',
    'Sommer2024!!!',
    'ichliebedich2',
    'letmeinletmein!',
  ]
  for (const passphrase of weak) t.equal(code(passphrase), 'WEAK_PASSPHRASE', passphrase)
})

t.test('random ones and several words are taken, and more is never worse', async (t) => {
  const good = [
    'tulip-anvil-quartz-moor',
    'Kx7#pQ2vLm9z',
    'die kleine Eule trinkt Tee',
    '4 pale Ducks hum',
    'žluťoučký kůň úpěl',
  ]
  for (const passphrase of good) t.equal(code(passphrase), 'taken', passphrase)
  const { verdict, bits } = passphraseStrength('uxbv-7rq2-kfjp-93mz-wlth')
  t.equal(verdict, 'strong')
  t.ok(bits >= 64 && bits <= 120, `an estimate of ${bits} bits is neither boast nor insult`)
  const order = ['short', 'weak', 'fair', 'good', 'strong']
  const words = ['tulip', 'anvil', 'quartz', 'moor', 'yacht', 'fjord']
  let before = 0
  for (let count = 1; count <= words.length; count += 1) {
    const at = order.indexOf(passphraseStrength(words.slice(0, count).join(' ')).verdict)
    t.ok(at >= before)
    before = at
  }
  t.equal(before, order.length - 1)
})

t.test('any text has a strength: no throw, no negative bits, and as much in any spelling', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const { bits, verdict, enough } = passphraseStrength(text)
      const other = passphraseStrength(text.normalize('NFD'))
      return (
        bits >= 0 && Number.isInteger(bits) && enough === !['short', 'weak'].includes(verdict) && other.bits === bits
      )
    }),
    { numRuns: 500, seed: 7 },
  )
  t.pass('500 texts')
})
