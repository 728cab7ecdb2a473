import t from 'tap'
import { kinds, lanes } from '../../../protocol/entry.ts'
import { directId } from '../../../protocol/ids.ts'
import { readRun, runValue, type Run } from '../../../protocol/run.ts'
import { decode, encode } from '../../../protocol/codec.ts'
import { limits } from '../../../protocol/limits.ts'
import { upTo } from '../../limits/boundary.ts'
import { Device, neighbourhood, twoContacts, type Pair } from '../../support/device.ts'
import { Pen } from '../../support/pen.ts'

const accept = async ({ alice, bob, chat }: Pair, ...runs: Run[]): Promise<[number, number][]> => {
  const { held } = await alice.rooms.conversations.peers.accept(chat, runs, bob.id)
  return held.flatMap(({ ranges }) => ranges.map(([from, to]): [number, number] => [from, to]))
}
/** As it comes off a link. */
const read = (run: Run): Run => readRun(decode(encode(runValue(run))))
const penOf = ({ bob, chat }: Pair, generation = 'one'): Pen => new Pen(bob.rooms.identity, chat, { generation })

t.test('accept() takes what comes in any order, once', async (t) => {
  const pair = await twoContacts(t)
  const pen = penOf(pair)
  const all = pen.writeMany(10)
  t.strictSame(await accept(pair, pen.run(all.slice(6, 8))), [[7, 8]])
  t.strictSame(await accept(pair, pen.run(all.slice(2, 4))), [[3, 4]])
  t.strictSame(await accept(pair, pen.run(all.slice(4, 6), false)), [[5, 6]], 'unsigned below a held entry')
  t.strictSame(await accept(pair, pen.run(all.slice(0, 2), false)), [[1, 2]])
  t.strictSame(await accept(pair, pen.run(all)), [[1, 10]], 'overlapping')
  const writes = pair.alice.store.counts.writes
  t.strictSame(await accept(pair, pen.run(all), pen.run(all.slice(3, 5))), [
    [1, 10],
    [4, 5],
  ])
  t.equal(pair.alice.store.counts.writes, writes, 'a replay writes nothing')
  t.equal((await pair.alice.messages(pair.chat)).length, 10)
  t.equal(pair.alice.unread(pair.chat), 10)
})

t.test('an unsigned run that hangs on nothing is left out', async (t) => {
  const pair = await twoContacts(t)
  const pen = penOf(pair)
  const all = pen.writeMany(4)
  t.strictSame(await accept(pair, pen.run(all.slice(0, 2), false)), [])
  const other = penOf(pair)
  await accept(pair, pen.run(all.slice(3)))
  t.strictSame(await accept(pair, other.run(other.writeMany(3, 'others'), false)), [])
  t.equal((await pair.alice.messages(pair.chat)).length, 1)
})

t.test('a forged author, a wrong hash and an uneven run do not get past the reader', async (t) => {
  const pair = await twoContacts(t)
  const pen = penOf(pair)
  const forger = new Pen({ device: pair.bob.id, signingKey: pair.alice.rooms.identity.signingKey }, pair.chat)
  t.throws(() => read(forger.run(forger.writeMany(2))), { code: 'BAD_SIGNATURE' })
  const [first, second, third] = pen.writeMany(3)
  if (first === undefined || second === undefined || third === undefined) throw new Error('not written')
  t.throws(() => read(pen.run([first, third])), { code: 'BAD_HASH' })
  t.throws(() => read(pen.run([{ ...first, payload: second.payload }])), { code: 'BAD_HASH' })
  t.throws(() => readRun(decode(encode([new Uint8Array(64), [first.sealed.bytes], []]))), { code: 'BAD_SHAPE' })
})

t.test('entries for others, by others, and of other scopes are refused', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat } = pair
  const carol = await new Device('carol', alice.place, alice.options).start()
  t.teardown(async () => await carol.stop())
  const { peers } = alice.rooms.conversations
  const byCarol = new Pen(carol.rooms.identity, chat)
  await t.rejects(accept(pair, byCarol.run(byCarol.writeMany(1))), { code: 'NOT_A_MEMBER' })
  const elsewhere = new Pen(bob.rooms.identity, directId(bob.rooms.identity.person, carol.rooms.identity.person))
  await t.rejects(accept(pair, elsewhere.run(elsewhere.writeMany(1))), { code: 'BAD_SHAPE' })
  const right = penOf(pair)
  const run = right.run(right.writeMany(1))
  await t.rejects(peers.accept(chat, [run], carol.id), { code: 'NOT_A_MEMBER' })
  await t.rejects(
    peers.accept(elsewhere.run(elsewhere.writeMany(1)).entries[0]?.sealed.header.scope ?? chat, [run], bob.id),
    {
      code: 'NOT_A_MEMBER',
    },
  )
  const notes = peers.scopesFor(alice.id)
  t.strictSame(notes, [])
  t.equal(peers.maySee(carol.id, chat), false)
  t.equal(peers.maySee(carol.id, alice.rooms.identity.person), false)
  t.strictSame(peers.keysFor(chat, [...peers.missingKeys(chat)], carol.id), [])
  t.strictSame(await alice.texts(chat), [], 'nothing of it is there')
  t.strictSame(await accept(pair, run), [[1, 1]], 'and what is right still comes in')
})

t.test('a feed whose build was undone leaves its number to the next one', async (t) => {
  const pair = await twoContacts(t)
  const { alice, chat } = pair
  const carol = new Pen({ ...pair.bob.rooms.identity, device: pair.alice.id }, chat)
  const first = penOf(pair, 'first')
  // Forged under the name of this device: the second run fails after the first made a feed.
  const forged = { ...carol.run(carol.writeMany(1)), signature: undefined }
  await accept(pair, first.run(first.writeMany(2)), forged).catch(() => undefined)
  const second = penOf(pair, 'second')
  const third = penOf(pair, 'third')
  await accept(pair, second.run(second.writeMany(3)))
  await accept(pair, third.run(third.writeMany(4)), first.run(penOf(pair, 'first').writeMany(2)))
  const before = (await alice.messages(chat)).map(({ id }) => id)
  await alice.stop()
  await alice.start()
  t.strictSame(
    (await alice.messages(chat)).map(({ id }) => id),
    before,
  )
  t.equal(before.length, 9)
})

t.test('a fork freezes its generation and no other', async (t) => {
  const pair = await twoContacts(t)
  const pen = penOf(pair)
  const [first, second] = pen.writeMany(2)
  pen.goOnFrom(first)
  const other = pen.write('in its place')
  if (first === undefined || second === undefined) throw new Error('not written')
  t.strictSame(await accept(pair, pen.run([first, second])), [[1, 2]])
  t.strictSame(await accept(pair, pen.run([other])), [])
  pen.goOnFrom(second)
  const third = pen.write('on the held branch')
  t.strictSame(await accept(pair, pen.run([third])), [], 'nothing more of it')
  const fresh = penOf(pair, 'two')
  t.strictSame(await accept(pair, fresh.run(fresh.writeMany(2))), [[1, 2]])
  const { peers } = pair.alice.rooms.conversations
  t.equal(peers.vector(pair.chat).length, 2)
  const { generation } = third.sealed.header
  const lacking = peers.lacking(pair.chat, [{ device: pen.device, lane: 1, generation, ranges: [[1, 9]] }])
  t.strictSame(lacking, [], 'and nothing of it is wanted')
  await pair.alice.stop()
  await pair.alice.start()
  t.strictSame(await accept(pair, pen.run([third])), [], 'also after a restart')
})

t.test('kinds and versions of a newer Warren are stored, shown as such and given on', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat } = pair
  const pen = penOf(pair)
  const kind = pen.write('a new kind', { kind: 99, epoch: undefined })
  const version = pen.write('a new version', { version: 2 })
  const mortal = pen.write('that lapses', { lifetime: 60 })
  const run = pen.run([kind, version])
  t.strictSame(await accept(pair, run), [[1, 2]])
  const { entries } = pen.run([mortal])
  const lapsing: Run = { ...pen.run([mortal]), entries: entries.map((each) => ({ ...each, slot: { is: 'lapsed' } })) }
  t.strictSame(await accept(pair, lapsing), [[3, 3]])
  t.match(await alice.messages(chat), [
    { newer: true, text: '' },
    { newer: true, text: '' },
    { newer: true, text: '' },
  ])
  const operation = new Pen(bob.rooms.identity, chat, { lane: lanes.roster })
  t.strictSame(await accept(pair, operation.run([operation.write('?', { kind: 63, epoch: undefined })])), [[1, 1]])
  const feeds = alice.rooms.conversations.peers.vector(chat).map(({ ranges, device, lane, generation }) => ({
    device,
    lane,
    generation,
    ranges,
  }))
  const given = await alice.rooms.conversations.peers.read(chat, feeds, 1_000_000)
  t.ok(given.done)
  t.equal(given.runs.length, 2)
  const again = given.runs.map(read)
  t.strictSame(
    again.map(({ entries: { length } }) => length),
    [1, 3],
  )
})

t.test('closing a generation and erasing are no messages', async (t) => {
  const pair = await twoContacts(t)
  const pen = penOf(pair)
  await accept(
    pair,
    pen.run([
      pen.write('x', { kind: kinds.closeGeneration, epoch: undefined }),
      pen.write('y', { kind: kinds.erase, epoch: undefined }),
    ]),
  )
  t.strictSame(await pair.alice.messages(pair.chat), [])
  t.equal(pair.alice.unread(pair.chat), 0)
})

t.test('a peer cannot make the vector, the feeds or a person grow without bound', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat } = pair
  const pen = penOf(pair)
  const all = pen.writeMany(2500)
  for (let at = 2498; at >= 0; at -= 2) {
    const one = all[at]
    if (one !== undefined) await accept(pair, pen.run([one]))
  }
  const row = alice.rooms.conversations.peers.vector(chat)[0]
  t.equal(row?.ranges.length, 1024)
  t.strictSame(await accept(pair, pen.run(all.slice(0, 1024))), [[1, 1024]], 'what fills gaps is welcome')
  for (let each = 0; each < 1100; each += 1) {
    const one = penOf(pair, `generation ${each}`)
    await accept(pair, one.run(one.writeMany(1)))
  }
  t.equal(alice.rooms.conversations.peers.vector(chat).length, 1024)
  const log = new Pen(bob.rooms.identity, bob.rooms.identity.person, { lane: lanes.roster })
  /** Whether so many operations in his log are all stored, behind the one from the beginning. */
  const stored = async (count: number): Promise<boolean> => {
    const { peers } = alice.rooms.conversations
    const held = (): number =>
      peers.vector(bob.rooms.identity.person).reduce((sum, { ranges }) => sum + (ranges[0]?.[1] ?? 0), -1)
    const runs = Array.from({ length: count - held() }, () => log.run([log.write('?', { kind: 15, epoch: undefined })]))
    await peers.accept(bob.rooms.identity.person, runs, bob.id)
    return held() === count
  }
  await upTo(t, 'personDeviceOperations', stored, 'no')
  t.equal(await stored(300), false)
  t.equal(await stored(limits.personDeviceOperations), true)
  await alice.stop()
  await alice.start()
  t.equal(alice.rooms.conversations.peers.vector(chat).length, 1024, 'and it opens again')
})

t.test('a stranger may bring nothing', async (t) => {
  const { start } = neighbourhood(t)
  const alice = await start('alice')
  const mallory = await start('mallory')
  const { person } = alice.rooms.identity
  const pen = new Pen(mallory.rooms.identity, person, { lane: lanes.roster })
  const run = pen.run([pen.write('?', { kind: kinds.addDevice, epoch: undefined })])
  await t.rejects(alice.rooms.conversations.peers.accept(person, [run], mallory.id), { code: 'NOT_A_MEMBER' })
  t.strictSame(alice.rooms.conversations.peers.scopesFor(mallory.id), [])
})
