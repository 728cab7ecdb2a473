import { randomBytes } from 'node:crypto'
import t from 'tap'
import { limits } from '../../../protocol/limits.ts'
import { neighbourhood, twoContacts } from '../../support/device.ts'

t.test('a message is stored once, whatever its client does', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const { owner } = alice.rooms.conversations
  const first = await owner.post(chat, 'once', 'id 1')
  t.equal(first.created, true)
  const again = await owner.post(chat, 'once', 'id 1')
  t.equal(again.created, false)
  t.equal(again.message.id, first.message.id)
  t.strictSame(again.message, { ...first.message }, 'what was made and what is read back look the same')

  const together = await Promise.all(Array.from({ length: 20 }, async () => await owner.post(chat, 'twice', 'id 2')))
  t.equal(together.filter(({ created }) => created).length, 1)
  t.equal(new Set(together.map(({ message }) => message.id)).size, 1)

  await alice.stop()
  await alice.start()
  const later = await alice.rooms.conversations.owner.post(chat, 'once', 'id 1')
  t.equal(later.created, false)
  t.equal(later.message.id, first.message.id)
  const self = alice.rooms.conversations.owner.idFor(alice.rooms.identity.person)
  t.ok(self)
  if (self !== undefined) t.equal((await alice.rooms.conversations.owner.post(self, 'note', 'id 1')).created, true)
  alice.place.greetAll()
  await settle()
  t.strictSame(await bob.texts(chat), ['once', 'twice'])
})

t.test('posts that wait together keep their order and become one batch', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await alice.say(chat, 'makes the epoch')
  const before = alice.store.counts.batches
  const texts = Array.from({ length: 3000 }, (_, each) => `message ${each}`)
  await Promise.all(texts.map(async (text) => await alice.say(chat, text)))
  t.ok(alice.store.counts.batches - before <= 13, 'a few batches, not one for each')
  await settle()
  t.strictSame(await alice.texts(chat), ['makes the epoch', ...texts])
  t.strictSame(await bob.texts(chat), ['makes the epoch', ...texts])
})

t.test('limits of a message', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const longest = 'é'.repeat(limits.textBytes / 2)
  await alice.say(chat, longest, 'longest')
  await t.rejects(alice.say(chat, `${longest}x`, 'too long'), { code: 'TOO_LARGE' })
  await t.rejects(alice.say(chat, ' \n\t'), { code: 'BAD_SHAPE' })
  await t.rejects(alice.say(chat, 'no id', ''), { code: 'BAD_SHAPE' })
  await alice.say(chat, 'long id', 'i'.repeat(limits.clientIdBytes))
  await t.rejects(alice.say(chat, 'longer id', 'i'.repeat(limits.clientIdBytes + 1)), { code: 'TOO_LARGE' })
  await settle()
  t.strictSame(await bob.texts(chat), [longest, 'long id'])
})

t.test('one bad post does not take others with it', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const results = await Promise.allSettled([
    alice.say(chat, 'a'),
    alice.say(chat, 'x'.repeat(70_000)),
    alice.say(chat, 'b'),
  ])
  t.strictSame(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.strictSame(await alice.texts(chat), ['a', 'b'])
})

t.test('any Unicode arrives byte for byte', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const texts = [
    '👩🏽‍👩🏿‍👧🏻‍👦 🏳️‍🌈 🇩🇪',
    'שלום \u202Eעולם\u202C',
    '\uFEFFwith a byte order mark',
    'e\u0301 is not é',
    'nul \0 and \u001F and \u007F',
    '\u{10FFFF}\u{1F9D1}',
    ' line\r\nbreaks\n\n\ttabs ',
    randomBytes(512).toString('latin1'),
  ]
  for (const text of texts) await alice.say(chat, text, randomBytes(8).toString('hex'))
  await settle()
  t.strictSame(await bob.texts(chat), texts)
})

t.test('messages of one instant stand in the same order everywhere', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  place.part(alice, bob)
  for (let each = 0; each < 20; each += 1) {
    await alice.say(chat, `a${each}`)
    await bob.say(chat, `b${each}`)
  }
  place.heal(alice, bob)
  await settle()
  const texts = await alice.texts(chat)
  t.equal(texts.length, 40)
  t.strictSame(await bob.texts(chat), texts)
  t.strictSame(
    texts.filter((text) => text.startsWith('a')),
    Array.from({ length: 20 }, (_, each) => `a${each}`),
  )
})

t.test('nothing can be posted where there is no conversation', async (t) => {
  const { start } = neighbourhood(t)
  const alice = await start('alice')
  const { owner, peers } = alice.rooms.conversations
  await t.rejects(owner.post(peers.scopesFor(alice.id)[0] ?? alice.rooms.identity.person, 'hi', '1'), {
    code: 'NOT_FOUND',
  })
  await t.rejects(owner.page(alice.rooms.identity.person, { before: undefined, after: undefined, limit: 1 }), {
    code: 'NOT_FOUND',
  })
})

t.test('a clock that is years off is kept and marked, and moves nobody else', async (t) => {
  const { start, settle, time } = neighbourhood(t)
  const year = 365 * 24 * 3600_000
  const alice = await start('alice', { clockOffMs: 5 * year })
  const bob = await start('bob')
  const carol = await start('carol', { clockOffMs: -9 * year })
  const chat = await alice.befriend(bob, settle)
  const other = await carol.befriend(bob, settle)
  await alice.say(chat, 'from the future')
  await carol.say(other, 'from the past')
  await settle()
  await bob.say(chat, 'now')
  await settle()
  const shown = await bob.messages(chat)
  t.strictSame(
    shown.map(({ text, clockWrong }) => [text, clockWrong]),
    [
      ['now', false],
      ['from the future', true],
    ],
  )
  t.ok(Math.abs((shown[0]?.at ?? 0) - time.now()) < 60_000, 'the own clock was not dragged along')
  t.match(await bob.messages(other), [{ text: 'from the past', clockWrong: true }])
})

t.test('an hour of chat at a clock four minutes ahead keeps answers behind questions', async (t) => {
  const { start, settle } = neighbourhood(t)
  const alice = await start('alice', { clockOffMs: 4 * 60_000 })
  const bob = await start('bob')
  const chat = await alice.befriend(bob, settle)
  await alice.say(chat, 'question')
  await settle()
  await bob.say(chat, 'answer')
  await settle()
  t.strictSame(await alice.texts(chat), ['question', 'answer'])
  t.notOk((await bob.messages(chat)).some(({ clockWrong }) => clockWrong))
})
