import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { encodeGenerationEnd } from '../../../protocol/content.ts'
import { kinds } from '../../../protocol/entry.ts'
import type { Run } from '../../../protocol/run.ts'
import { twoContacts, type Pair } from '../../support/device.ts'
import { Pen } from '../../support/pen.ts'

const penOf = ({ bob, chat }: Pair, generation = 'one'): Pen => new Pen(bob.rooms.identity, chat, { generation })
const take = async ({ alice, bob, chat }: Pair, run: Run): Promise<void> => {
  await alice.rooms.conversations.peers.accept(chat, [run], bob.id)
  // It is told once whoever brought it was answered.
  await setImmediate()
}
const heard = ({ alice }: Pair): number => alice.events.filter(({ type }) => type === 'conversation').length

t.test('a proven fork is told of at its place, until its device closes the generation', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat } = pair
  const { owner } = alice.rooms.conversations
  const pen = penOf(pair)
  const [first, second] = pen.writeMany(2)
  if (first === undefined || second === undefined) throw new Error('not written')
  pen.goOnFrom(first)
  const other = pen.write('in its place')
  await take(pair, pen.run([first, second]))
  t.strictSame(owner.forks(chat), [])
  const before = heard(pair)
  await take(pair, pen.run([other]))
  t.equal(heard(pair), before + 1, 'pages hear of it')
  const after = (await alice.messages(chat)).at(-1)?.order
  const from = bob.rooms.identity.person
  t.strictSame(owner.forks(chat), [{ from, mine: false, after, closed: false }])
  await alice.stop()
  await alice.start()
  t.strictSame(alice.rooms.conversations.owner.forks(chat), [{ from, mine: false, after, closed: false }])

  const renewed = penOf(pair, 'two')
  const { generation, seq } = second.sealed.header
  const end = encodeGenerationEnd({ generation, seq, id: second.sealed.id })
  const close = renewed.write('', { kind: kinds.closeGeneration, epoch: undefined }, end)
  const told = heard(pair)
  await take(pair, renewed.run([close]))
  t.equal(heard(pair), told + 1)
  t.strictSame(alice.rooms.conversations.owner.forks(chat), [{ from, mine: false, after, closed: true }])
})

t.test('a close of another generation closes nothing', async (t) => {
  const pair = await twoContacts(t)
  const pen = penOf(pair)
  const first = pen.write('one')
  pen.goOnFrom(undefined)
  const other = pen.write('another one')
  await take(pair, pen.run([first]))
  await take(pair, pen.run([other]))
  const renewed = penOf(pair, 'two')
  const { generation } = renewed.write('').sealed.header
  const third = penOf(pair, 'three')
  const end = encodeGenerationEnd({ generation, seq: 1, id: first.sealed.id })
  await take(pair, third.run([third.write('', { kind: kinds.closeGeneration, epoch: undefined }, end)]))
  t.match(pair.alice.rooms.conversations.owner.forks(pair.chat), [{ closed: false }])
})

t.test('words that were mended are taken off the place where they stood', async (t) => {
  const pair = await twoContacts(t)
  const { alice, chat, place, settle } = pair
  const copy = alice.disk.snapshot()
  await alice.say(chat, 'delivered')
  await settle()
  await alice.stop()
  await settle()
  alice.putBack(copy)
  await alice.start()
  const order = await alice.say(chat, 'said alone')
  alice.events.length = 0
  place.greetAll()
  await settle(10_000)
  t.strictSame(
    alice.events.filter(({ type }) => type === 'message-gone'),
    [{ type: 'message-gone', conversation: chat, order }],
  )
  t.strictSame((await alice.texts(chat)).toSorted(), ['delivered', 'said alone'])
  t.match(alice.rooms.conversations.owner.forks(chat), [{ mine: true, closed: true }])
})
