/** The 24 words: on one device until they are written down, on none afterwards. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { openIdentity, recoverySeedIn, withoutKeys } from '../../../daemon/identity/identity.ts'
import { phraseMark } from '../../../daemon/owner/phrase-desk.ts'
import { PrivateRegisters } from '../../../daemon/registers/private-registers.ts'
import { encode } from '../../../protocol/codec.ts'
import { publicBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { selfId } from '../../../protocol/ids.ts'
import { phraseOf, seedOfPhrase } from '../../../protocol/words.ts'
import { neighbourhood } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

t.test('they are the key that the log names, and are gone once three of them were said', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const { phrase, conversations } = alice.rooms
  t.strictSame(phrase.status(), { state: 'unwritten' })
  await t.rejects(phrase.written(['one', 'two', 'three']), { code: 'CONFLICT' })
  const { words, asked } = phrase.show()
  const key = signingKeyFromSeed(seedOfPhrase(words.join(' ')))
  t.strictSame(publicBytes(key), conversations.ownLog.state.recoveryKey)
  t.equal(new Set(asked).size, 3)
  const answers = asked.map((place) => words[place - 1] ?? '')
  const [first, second, third] = answers as [string, string, string]
  await t.rejects(phrase.written([first, `${second}x`, third]), { code: 'BAD_SHAPE', details: { word: asked[1] } })
  await t.rejects(phrase.written([first, second]), { code: 'BAD_SHAPE', details: { word: asked[2] } })
  t.equal(phrase.status().state, 'unwritten')
  t.match(await phrase.written([` ${first.toUpperCase()}`, second, third]), { state: 'written', writtenAt: Number })
  t.throws(() => phrase.show(), { code: 'NOT_FOUND' })
  t.equal(recoverySeedIn(alice.store), undefined)
  // Neither beside the database: the identity is read from there if that loses it.
  await alice.store.commit((batch) => batch.delete(withoutKeys({ store: alice.store, random })[0]))
  await openIdentity({ store: alice.store, random, now: () => 0 })
  t.equal(recoverySeedIn(alice.store), undefined)
})

t.test('a stop between saying so and forgetting them leaves them nowhere after the next start', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const { phrase } = alice.rooms
  const [key] = withoutKeys({ store: alice.store, random })
  const before = alice.store.get(key) ?? new Uint8Array(0)
  const { words, asked } = phrase.show()
  await phrase.written(asked.map((place) => words[place - 1] ?? ''))
  await alice.store.commit((batch) => batch.put(key, before))
  t.ok(recoverySeedIn(alice.store))
  t.equal(phrase.status().state, 'written')
  t.throws(() => phrase.show(), { code: 'NOT_FOUND' })
  await phrase.settle()
  t.equal(recoverySeedIn(alice.store), undefined)
})

t.test('another device of the owner has no words, and learns when they were written down', async (t) => {
  const world = neighbourhood(t)
  const first = await world.start('first')
  const second = await startAnother(world, first, 'second')
  t.strictSame(second.rooms.phrase.status(), { state: 'elsewhere' })
  t.throws(() => second.rooms.phrase.show(), { code: 'NOT_FOUND' })
  const { words, asked } = first.rooms.phrase.show()
  const written = await first.rooms.phrase.written(asked.map((place) => words[place - 1] ?? ''))
  await world.settle()
  t.strictSame(second.rooms.phrase.status(), written)
})

t.test(
  'what another device says of words that are here ends nothing: they are shown, and stay after the next start',
  async (t) => {
    const world = neighbourhood(t)
    const first = await world.start('first')
    const second = await startAnother(world, first, 'second')
    const { words } = first.rooms.phrase.show()
    const { registers, identity, conversations } = second.rooms
    const { ownLog } = conversations
    const said = new PrivateRegisters({
      registers,
      self: identity,
      scope: selfId(identity.person),
      sealingKey: async () => await ownLog.sealingKey(),
      keyOf: (epoch) => ownLog.keyOf(epoch),
      random,
    })
    await said.set(phraseMark, encode([ownLog.state.recoveryKey, 1]))
    await world.settle()
    t.strictSame(second.rooms.phrase.status(), { state: 'written', writtenAt: 1 })
    t.strictSame(first.rooms.phrase.status(), { state: 'unwritten' })
    await first.rooms.phrase.settle()
    t.ok(recoverySeedIn(first.store))
    const { words: again, asked } = first.rooms.phrase.show()
    t.strictSame(again, words)
    await first.rooms.phrase.written(asked.map((place) => words[place - 1] ?? ''))
    t.equal(recoverySeedIn(first.store), undefined)
    await world.settle()
    t.strictSame(second.rooms.phrase.status(), first.rooms.phrase.status())
  },
)

t.test('a backup holds no words', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const [key, row] = withoutKeys({ store: alice.store, random })
  const seed = recoverySeedIn(alice.store) ?? new Uint8Array(32)
  t.equal(phraseOf(seed).join(' '), alice.rooms.phrase.show().words.join(' '))
  t.notOk(Buffer.from(row).includes(Buffer.from(seed)))
  await alice.store.commit((batch) => batch.put(key, row))
  t.equal(alice.rooms.phrase.status().state, 'elsewhere')
})
