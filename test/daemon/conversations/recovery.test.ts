import t, { type Test } from 'tap'
import { utf8 } from '../../../protocol/bytes.ts'
import { twoContacts, type Pair } from '../../support/device.ts'

const count = (length: number, word: string): string[] => Array.from({ length }, (_, each) => `${word} ${each}`)
const sayAll = async ({ alice, chat }: Pair, texts: readonly string[]): Promise<void> => {
  for (const text of texts) await alice.say(chat, text)
}
const generations = ({ alice, chat }: Pair): number =>
  alice.rooms.conversations.peers.vector(chat).filter(({ lane, device }) => lane === 1 && device === alice.id).length

/** Alice's home as it was after `early`, put back after `late` was said and delivered. */
async function putBack(pair: Pair, early: number, late: number): Promise<void> {
  const { alice, settle } = pair
  await sayAll(pair, count(early, 'early'))
  await settle()
  const copy = alice.disk.snapshot()
  await sayAll(pair, count(late, 'late'))
  await settle()
  await alice.stop()
  await settle()
  alice.putBack(copy)
  await alice.start()
}

async function agree(t: Test, pair: Pair, expected: readonly string[]): Promise<void> {
  const { alice, bob, chat, place, settle } = pair
  place.greetAll()
  await settle(10_000)
  const texts = await alice.texts(chat)
  t.strictSame(texts.toSorted(), expected.toSorted(), 'nothing is lost or doubled')
  t.strictSame(await bob.texts(chat), texts, 'both show the same')
  t.strictSame(
    alice.rooms.conversations.peers.digest(chat),
    bob.rooms.conversations.peers.digest(chat),
    'both hold the same',
  )
}

t.test('an older home adopts what it lost and writes on in a new generation', async (t) => {
  for (const late of [1, 7, 1500]) {
    const pair = await twoContacts(t)
    await putBack(pair, 3, late)
    const said = [...count(3, 'early'), ...count(late, 'late')]
    t.strictSame(await pair.alice.texts(pair.chat), count(3, 'early'))
    await agree(t, pair, said)
    t.equal(generations(pair), 2)
    await sayAll(pair, ['on'])
    await agree(t, pair, [...said, 'on'])
    await pair.alice.stop()
    await pair.alice.start()
    await sayAll(pair, ['and on'])
    await agree(t, pair, [...said, 'on', 'and on'])
    t.equal(generations(pair), 2, 'one loss, one new generation')
  }
})

t.test(
  'the past is back at once where new generations began at the start, whenever the other side speaks',
  async (t) => {
    for (let delayMs = 0; delayMs < 12; delayMs += 1) {
      const pair = await twoContacts(t)
      const { alice, bob, chat, place, settle } = pair
      await putBack(pair, 3, 2)
      for (const text of count(3, 'bob')) await bob.say(chat, text)
      await alice.rooms.conversations.duplicate.seen()
      await alice.stop()
      await alice.start()
      t.equal(generations(pair), 2)
      place.greetAll()
      await settle(delayMs)
      await bob.say(chat, 'meanwhile')
      // Far less than what the next digest takes.
      await settle(1000)
      const texts = await alice.texts(chat)
      const said = [...count(3, 'early'), ...count(2, 'late'), ...count(3, 'bob'), 'meanwhile']
      t.strictSame(texts.toSorted(), said.toSorted(), `after ${delayMs} ms`)
      t.strictSame(await bob.texts(chat), texts)
    }
  },
)

t.test('an older home that wrote on alone says it again, and everything is there once', async (t) => {
  for (const [late, own] of [
    [1, 1],
    [5, 2],
    [2, 5],
    [5, 5],
    [300, 3],
    [3, 300],
    [1500, 20],
    [20, 1500],
  ] as const) {
    const pair = await twoContacts(t)
    await putBack(pair, 3, late)
    await sayAll(pair, count(own, 'alone'))
    await agree(t, pair, [...count(3, 'early'), ...count(late, 'late'), ...count(own, 'alone')])
    await sayAll(pair, ['on'])
    await agree(t, pair, [...count(3, 'early'), ...count(late, 'late'), ...count(own, 'alone'), 'on'])
    await pair.alice.stop()
    await pair.alice.start()
    await agree(t, pair, [...count(3, 'early'), ...count(late, 'late'), ...count(own, 'alone'), 'on'])
  }
})

t.test('a home put back to before the first message', async (t) => {
  for (const own of [0, 2]) {
    const pair = await twoContacts(t)
    await putBack(pair, 0, 4)
    await sayAll(pair, count(own, 'alone'))
    await agree(t, pair, [...count(4, 'late'), ...count(own, 'alone')])
    await sayAll(pair, ['on'])
    await agree(t, pair, [...count(4, 'late'), ...count(own, 'alone'), 'on'])
  }
})

t.test('posts between the link and the end of recovery go to a new generation', async (t) => {
  const pair = await twoContacts(t)
  const { alice, place, settle } = pair
  await putBack(pair, 3, 600)
  place.linkOptions = { delayMs: 40 }
  place.greetAll()
  const during = count(30, 'during')
  for (const text of during) {
    await alice.say(pair.chat, text)
    await settle(10)
  }
  await agree(t, pair, [...count(3, 'early'), ...count(600, 'late'), ...during])
})

t.test('a post that is repeated after its home was put back stays one', async (t) => {
  const pair = await twoContacts(t)
  const { alice, chat, settle } = pair
  await putBack(pair, 2, 3)
  // The page never heard that it was stored.
  await alice.say(chat, 'late 1')
  await agree(t, pair, [...count(2, 'early'), ...count(3, 'late')])
  t.equal((await alice.rooms.conversations.owner.post(chat, 'late 2', 'alice: late 2')).created, false)
  await settle()
})

t.test('homes of both put back, each with words of its own', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, settle } = pair
  const said = ['a0', 'b0', 'a1', 'b1', 'a2', 'b2']
  const copies = []
  for (const text of said) {
    copies.push({ alice: alice.disk.snapshot(), bob: bob.disk.snapshot() })
    await (text.startsWith('a') ? alice : bob).say(chat, text)
    await settle()
  }
  await alice.stop()
  await bob.stop()
  await settle()
  const [early, later] = [copies[2], copies[4]]
  if (early === undefined || later === undefined) throw new Error('no copies')
  alice.putBack(early.alice)
  bob.putBack(later.bob)
  await alice.start()
  await bob.start()
  await alice.say(chat, 'a alone')
  await bob.say(chat, 'b alone')
  // What Alice and Bob both lost is gone: b2, and a2 which only Bob's newer copy could know.
  await agree(t, pair, ['a0', 'b0', 'a1', 'b1', 'a alone', 'b alone'])
})

t.test('put back again and again', async (t) => {
  const pair = await twoContacts(t)
  const { alice, chat, place, settle } = pair
  await sayAll(pair, ['first'])
  await settle()
  const copy = alice.disk.snapshot()
  const said = ['first']
  for (let round = 0; round < 6; round += 1) {
    for (const text of [`${round} linked`, `${round} too`]) {
      await alice.say(chat, text)
      said.push(text)
    }
    await settle()
    await alice.stop()
    await settle()
    alice.putBack(copy)
    await alice.start()
    await alice.say(chat, `${round} alone`)
    said.push(`${round} alone`)
    await agree(t, pair, said)
  }
  place.greetAll()
  await settle()
})

t.test('registers of an older home win again once they were said anew', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, place, settle } = pair
  const { person } = alice.rooms.identity
  await alice.rooms.registers.set(person, 'card', utf8('old'))
  await settle()
  const copy = alice.disk.snapshot()
  await alice.rooms.registers.set(person, 'card', utf8('new'))
  await settle()
  await alice.stop()
  alice.putBack(copy)
  await alice.start()
  place.greetAll()
  await settle(130_000)
  t.strictSame(bob.rooms.registers.get(person, alice.id, 'card')?.value, utf8('old'))
  await alice.rooms.registers.set(person, 'card', utf8('newest'))
  await settle()
  t.strictSame(bob.rooms.registers.get(person, alice.id, 'card')?.value, utf8('newest'))
})
