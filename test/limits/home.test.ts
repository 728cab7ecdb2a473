/** Limits of what one home keeps and how its owner gets in. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { AddressBook, type KnownAddress } from '../../daemon/net/address-book.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { checkPassphrase, passphraseStrength } from '../../daemon/lock/passphrase.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { boundary } from './boundary.ts'

t.test('addresses that were of no use for so long are forgotten', async (t) => {
  const now = 1_800_000_000_000
  const device = deviceIdOf(randomBytes(32))
  const isKept = async (ageMs: number): Promise<boolean> => {
    const learntAt = now - ageMs
    const known: KnownAddress = {
      device,
      address: '/ip4/10.0.0.1/tcp/1',
      source: 'mdns',
      learntAt,
      triedAt: 0,
      workedAt: 0,
    }
    const store = { load: async () => await Promise.resolve([known]), save: async () => await Promise.resolve() }
    const book = new AddressBook({ store, now: () => now, log: () => undefined })
    await book.load()
    return book.of(device).length === 1
  }
  await boundary(
    t,
    'addressMaxAgeMs',
    async () => await isKept(limits.addressMaxAgeMs),
    async () => await isKept(limits.addressMaxAgeMs + 1),
    'no',
  )
})

t.test('a passphrase that is just strong enough, or just long enough, or too long', async (t) => {
  const random = seededRandom(1)
  const alphabet = 'abcdefghij 0123456789'
  /** Some passphrase of that many bits. */
  const ofBits = (bits: number): string => {
    for (;;) {
      const length = limits.passphraseLeastCodePoints + Math.floor(random() * 8)
      const text = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
      const strength = passphraseStrength(text)
      if (strength.bits === bits && strength.verdict !== 'short') return text
    }
  }
  await boundary(
    t,
    'passphraseLeastBits',
    () => checkPassphrase(ofBits(limits.passphraseLeastBits)),
    () => checkPassphrase(ofBits(limits.passphraseLeastBits - 1)),
    'WEAK_PASSPHRASE',
  )
  const signs = Array.from('🦊Q7ümz2#Lr9%kw4&')
  await boundary(
    t,
    'passphraseLeastCodePoints',
    () => checkPassphrase(signs.slice(0, limits.passphraseLeastCodePoints).join('')),
    () => checkPassphrase(signs.slice(0, limits.passphraseLeastCodePoints - 1).join('')),
    'WEAK_PASSPHRASE',
  )
  t.equal(passphraseStrength(signs.slice(0, limits.passphraseLeastCodePoints - 1).join('')).verdict, 'short')
  const long = (bytes: number): string => `${signs.join('')}${'ü'.repeat(bytes)}`
  const rest = limits.passphraseBytes - Buffer.byteLength(long(0))
  t.equal(rest % 2, 0)
  await boundary(
    t,
    'passphraseBytes',
    () => checkPassphrase(long(rest / 2)),
    () => checkPassphrase(`${long(rest / 2)}x`),
  )
})
