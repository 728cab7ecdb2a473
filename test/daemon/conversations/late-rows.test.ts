/** Rows that follow from the entries come later than they do, and a crash in between costs nothing. */

import t from 'tap'
import { tables } from '../../../daemon/store/store.ts'
import { readFeedRow } from '../../../daemon/conversations/rows.ts'
import { feedNumber, harm, knownTo, names, ownFeeds, talked } from '../../support/late-rows.ts'

const behind = 'how far a conversation is held could not be stored'

t.test('a message is written without them, and they come half a second later', async (t) => {
  const pair = await talked(t)
  const { alice, chat, settle } = pair
  const before = { ...alice.store.counts }
  for (const text of names(5)) await alice.say(chat, text)
  t.equal(alice.store.counts.writes - before.writes, 15, 'each wrote its entry, its place and its client id')
  t.strictSame(await knownTo(alice, alice, pair), [1])
  await settle(600)
  t.strictSame(await knownTo(alice, alice, pair), [6])
})

t.test('no row is behind by more than 64 entries', async (t) => {
  const pair = await talked(t)
  const { alice, chat } = pair
  for (const text of names(64)) await alice.say(chat, text)
  t.strictSame(await knownTo(alice, alice, pair), [1])
  await alice.say(chat, 'one more')
  t.strictSame(await knownTo(alice, alice, pair), [66])
})

t.test('after a crash feeds and counts stand where the last message left them', async (t) => {
  for (const keepUnderWay of [false, true]) {
    const pair = await talked(t)
    const { alice, bob, chat, place, settle } = pair
    for (const text of names(10)) await alice.say(chat, text)
    for (const text of names(7, 10)) await bob.say(chat, text)
    await settle(20)
    const { owner } = alice.rooms.conversations
    const record = owner.record(chat)
    const expected = await alice.texts(chat)
    const vector = alice.rooms.conversations.peers.vector(chat)
    t.equal(record.unread, 7)
    t.strictSame([await knownTo(alice, alice, pair), await knownTo(alice, bob, pair)], [[1], [1]], 'no row knows yet')
    alice.crash(keepUnderWay)
    await settle()
    await alice.start()
    t.strictSame(alice.rooms.conversations.owner.record(chat), record)
    t.strictSame(alice.rooms.conversations.peers.vector(chat), vector)
    t.strictSame(await alice.texts(chat), expected)
    place.greetAll()
    await settle()
    await alice.say(chat, 'on')
    await settle()
    await bob.say(chat, 'and on')
    await settle()
    t.strictSame(await bob.texts(chat), [...expected, 'on', 'and on'])
    t.strictSame(await alice.texts(chat), [...expected, 'on', 'and on'])
    t.equal(ownFeeds(alice, pair).length, 1, 'nothing was lost: no new generation')
    t.strictSame(alice.complaints, [])
    // And once more, from the rows that were written since.
    t.strictSame(await knownTo(alice, alice, pair), [12])
    const unread = alice.unread(chat)
    await alice.stop()
    await alice.start()
    t.equal(alice.unread(chat), unread)
  }
})

t.test('what was read before a crash stays read, what came after stays new', async (t) => {
  const { alice, bob, chat, settle } = await talked(t)
  for (const text of names(5)) await bob.say(chat, text)
  await settle(20)
  const { owner } = alice.rooms.conversations
  await owner.markRead(chat, owner.record(chat).lastOrder)
  t.equal(alice.unread(chat), 0)
  for (const text of names(3, 5)) await bob.say(chat, text)
  await settle(20)
  t.equal(alice.unread(chat), 3)
  alice.crash()
  await settle()
  await alice.start()
  t.equal(alice.unread(chat), 3)
})

t.test(
  'own entries that were lost or damaged after the last row are missed, and their numbers not used again',
  async (t) => {
    for (const how of ['lose', 'damage'] as const) {
      for (const seqs of how === 'lose' ? [[4], [2, 3]] : [[4], [2, 3], [7], [6, 7]]) {
        const pair = await talked(t)
        const { alice, bob, chat, place, settle } = pair
        for (const text of names(6)) await alice.say(chat, text)
        await settle(20)
        const expected = await bob.texts(chat)
        t.strictSame(await knownTo(alice, alice, pair), [1])
        const [number, feed] = [alice.store.numberOf(chat), await feedNumber(alice, alice, pair)]
        place.part(alice, bob)
        alice.crash()
        await settle()
        t.equal(harm(alice, how, number, feed, seqs), seqs.length)
        await alice.start()
        t.ok(alice.complaints.includes('entries are gone from the store'), `${how} ${seqs.join()}`)
        await alice.say(chat, 'alone')
        t.equal(ownFeeds(alice, pair).length, 2, 'a new generation')
        place.heal(alice, bob)
        place.greetAll()
        await settle(200_000)
        t.strictSame((await alice.texts(chat)).toSorted(), [...expected, 'alone'].toSorted())
        t.strictSame(await bob.texts(chat), await alice.texts(chat))
      }
    }
  },
)

t.test('a foreign entry that was lost after the last row is wanted again', async (t) => {
  const pair = await talked(t)
  const { alice, bob, chat, place, settle } = pair
  for (const text of names(6)) await bob.say(chat, text)
  await settle(20)
  const expected = await bob.texts(chat)
  const [number, feed] = [alice.store.numberOf(chat), await feedNumber(alice, bob, pair)]
  alice.crash()
  await settle()
  t.equal(harm(alice, 'lose', number, feed, [3, 5]), 2)
  await alice.start()
  place.greetAll()
  await settle(200_000)
  t.strictSame(await alice.texts(chat), expected)
})

t.test('rows that could not be written are written with what comes next', async (t) => {
  const pair = await talked(t)
  const { alice, chat, settle } = pair
  for (const text of names(3)) await alice.say(chat, text)
  alice.disk.fault = { code: 'STORE_FULL' }
  await settle()
  t.strictSame(await knownTo(alice, alice, pair), [1])
  t.ok(alice.complaints.includes(behind))
  alice.disk.fault = undefined
  await alice.say(chat, 'there is room again')
  await settle()
  t.strictSame(await knownTo(alice, alice, pair), [5])
})

t.test('rows come by themselves after a crash', async (t) => {
  const pair = await talked(t)
  const { alice, bob, chat, settle } = pair
  for (const text of names(3)) await alice.say(chat, text)
  for (const text of names(4)) await bob.say(chat, text)
  await settle(20)
  alice.crash()
  await settle()
  await alice.start()
  t.strictSame([await knownTo(alice, alice, pair), await knownTo(alice, bob, pair)], [[1], [1]])
  await settle(600)
  t.strictSame([await knownTo(alice, alice, pair), await knownTo(alice, bob, pair)], [[4], [5]])
})

t.test('rows that could not be written come by themselves, and the disk is not asked all the time', async (t) => {
  const pair = await talked(t)
  const { alice, bob, chat, settle } = pair
  const failed = (): number => alice.complaints.filter((text) => text === behind).length
  for (const text of names(3)) await bob.say(chat, text)
  await settle(20)
  alice.disk.fault = { code: 'STORE_FULL' }
  await settle(10 * 60_000)
  t.ok(failed() >= 2 && failed() <= 11, `${failed()} in ten minutes`)
  alice.disk.fault = undefined
  t.strictSame(await knownTo(alice, bob, pair), [1])
  await settle(61_000)
  t.strictSame(await knownTo(alice, bob, pair), [4])
  const before = { ...alice.store.counts }
  await settle(10 * 60_000)
  t.equal(alice.store.counts.writes, before.writes, 'and then no more')
})

t.test('nothing is attempted after the end', async (t) => {
  const { alice, chat, settle } = await talked(t)
  for (const text of names(3)) await alice.say(chat, text)
  alice.disk.fault = { code: 'STORE_FULL' }
  await alice.stop()
  await settle(10 * 60_000)
  t.equal(alice.complaints.filter((text) => text === behind).length, 1)
})

t.test('a deletion that failed leaves nothing unwritten', async (t) => {
  const pair = await talked(t)
  const { alice, bob, chat, settle } = pair
  for (const text of names(3)) await bob.say(chat, text)
  await settle(20)
  t.strictSame(await knownTo(alice, bob, pair), [1])
  alice.disk.fault = { code: 'STORE_FULL' }
  await t.rejects(alice.rooms.conversations.owner.delete(chat), { code: 'STORE_FULL' })
  alice.disk.fault = undefined
  await alice.say(chat, 'goes on')
  await settle()
  t.strictSame(await knownTo(alice, bob, pair), [4])
  t.equal(alice.unread(chat), 3)
  alice.crash()
  await settle()
  await alice.start()
  t.equal(alice.unread(chat), 3)
})

t.test('nothing of a conversation that is deleted meanwhile is written', async (t) => {
  const { alice, bob, chat, settle } = await talked(t)
  const number = alice.store.numberOf(chat) ?? 0
  for (const text of names(3)) await alice.say(chat, text)
  await settle(20)
  await alice.rooms.conversations.owner.delete(chat)
  await settle()
  const rows = await alice.store.range(tables.feed, { prefix: [number], under: number })
  t.ok(rows.every(({ value }) => readFeedRow(chat, value).feed.lane === 0))
  await bob.say(chat, 'anew')
  await settle()
  t.strictSame(await alice.texts(chat), ['anew'])
  t.strictSame(alice.complaints, [])
})
