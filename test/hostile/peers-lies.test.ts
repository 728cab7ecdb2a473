/** A contact that lies, over real rooms: what others may know stays hidden, ticks believe nothing, and everybody converges. */

import t, { type Test } from 'tap'
import { kinds } from '../../protocol/entry.ts'
import { encodeFrame, type KnownFrame } from '../../protocol/frames.ts'
import {
  conversationIdOf,
  entryIdOf,
  epochIdOf,
  generationOf,
  selfId,
  type ConversationId,
  type Scope,
  idBytes,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import type { FeedName, VectorRow } from '../../protocol/vector.ts'
import { fill } from '../protocol/cast.ts'
import { neighbourhood, type Device, type World } from '../support/device.ts'
import { linkPair, type MemoryLink } from '../support/link-pair.ts'
import { Pen } from '../support/pen.ts'
import { framesOf } from '../support/raw-peer.ts'
import type { SyncFrame } from '../../daemon/sync/link.ts'

interface Stage extends World {
  readonly alice: Device
  readonly bob: Device
  readonly mallory: Device
  /** Alice with bob; alice with mallory. */
  readonly secret: ConversationId
  readonly chat: ConversationId
  /** Mallory's end of a link with alice, under the hand of the test, and what came over it. */
  readonly link: MemoryLink
  readonly received: SyncFrame[]
  readonly send: (...frames: KnownFrame[]) => Promise<void>
}

async function stage(t: Test): Promise<Stage> {
  const world = neighbourhood(t)
  const { place, start, settle, time } = world
  const [alice, bob, mallory] = [await start('alice'), await start('bob'), await start('mallory')]
  const secret = await alice.befriend(bob, settle)
  const chat = await alice.befriend(mallory, settle)
  await alice.say(secret, 'between us')
  await settle()
  await bob.say(secret, 'and nobody else')
  await alice.say(chat, 'hello mallory')
  await mallory.say(chat, 'hello alice')
  await settle()
  place.part(alice, mallory)
  await settle()
  const [link, there] = linkPair({ timers: time, devices: [mallory.id, alice.id] })
  const received: SyncFrame[] = []
  void (async () => {
    for await (const frame of link.frames) received.push(frame)
  })()
  alice.rooms.sync.addLink(there)
  const send = async (...frames: KnownFrame[]): Promise<void> => {
    for (const frame of frames) link.sendBytes(encodeFrame(frame))
    await settle()
  }
  // An honest beginning: mallory holds what she holds.
  await send({ is: 'vector', scope: chat, rows: mallory.rooms.conversations.peers.vector(chat), more: false })
  return { ...world, alice, bob, mallory, secret, chat, link, received, send }
}

const feedOf = (device: Device, scope: Scope): FeedName => {
  const row = device.rooms.conversations.peers
    .vector(scope)
    .find((each) => each.device === device.id && each.lane === 1)
  if (row === undefined) throw new Error('no feed')
  return { device: row.device, lane: row.lane, generation: row.generation }
}

/** Alice and bob still talk, and agree. */
async function intact(t: Test, { alice, bob, secret, settle }: Stage): Promise<void> {
  await alice.say(secret, 'still here')
  await settle()
  await bob.say(secret, 'me too')
  await settle()
  t.strictSame(await bob.texts(secret), await alice.texts(secret))
  t.equal((await bob.texts(secret)).at(-1), 'me too')
}

t.test('what a contact may not see is answered byte for byte like what does not exist', async (t) => {
  const on = await stage(t)
  const { alice, bob, secret, link, received, send, time } = on
  const bobs = feedOf(bob, secret)
  const epoch = epochIdOf(fill(1))
  const row: VectorRow = { ...bobs, ranges: [[1, 9]], head: entryIdOf(fill(2)), hlc: { wallMs: 1, count: 0 } }
  const answers = async (scope: Scope): Promise<string[]> => {
    received.length = 0
    await send(
      { is: 'offer', scopes: [{ scope, digest: fill(3, 16) }] },
      { is: 'vector', scope, rows: [row], more: false },
      { is: 'want', scope, feeds: [{ ...bobs, ranges: [[1, 9]] }], budget: limits.wantBytes },
      { is: 'have', scope, feeds: [{ ...bobs, ranges: [[1, 9]] }] },
      { is: 'keys', scope, asked: [epoch], given: [{ epoch, key: fill(4) }] },
      { is: 'fetch', scope, ids: [entryIdOf(fill(2))] },
      { is: 'live', scope, what: 1, value: null },
    )
    // Short of the next digest.
    await time.pass(5000)
    const id = Buffer.from(idBytes(scope)).toString('hex')
    return received.map((frame) => Buffer.from(encodeFrame(frame)).toString('hex').replaceAll(id, 'scope'))
  }
  const nothing = await answers(conversationIdOf(fill(77)))
  t.strictSame(await answers(secret), nothing, 'a conversation of others')
  t.strictSame(await answers(selfId(alice.rooms.identity.person)), nothing, 'notes to self')
  t.strictSame(await answers(bob.rooms.identity.person), nothing, 'a person who is no contact of hers')
  // It is asked what it would be, as of everything that is offered and not here.
  t.strictSame(nothing, ['84015820scope8000'])
  t.notOk(link.closed.aborted)
  t.notOk(alice.events.some((event) => event.type === 'typing' && event.conversation === secret))
  await intact(t, on)
})

t.test('ticks believe nobody beyond what exists, nor who may not see', async (t) => {
  const on = await stage(t)
  const { alice, mallory, secret, chat, send } = on
  const feed = feedOf(alice, chat)
  const everything = [[1, Number.MAX_SAFE_INTEGER]] as const
  await send({ is: 'have', scope: chat, feeds: [{ ...feed, ranges: everything }] })
  const other = { ...feedOf(alice, secret), ranges: everything }
  await send({ is: 'have', scope: secret, feeds: [other] }, { is: 'have', scope: chat, feeds: [other] })
  await alice.say(chat, 'after the lie')
  const states = (await alice.messages(chat)).filter(({ mine }) => mine).map(({ text, state }) => `${text}: ${state}`)
  t.strictSame(states, ['hello mallory: delivered', 'after the lie: stored'])
  t.match((await alice.messages(secret)).at(0), { text: 'between us', state: 'delivered' }, 'as bob said it himself')
  // Every second entry, over and over: what is remembered of it stays small.
  const odd = Array.from({ length: limits.rowRanges }, (_, at) => [2 * at + 1, 2 * at + 1] as const)
  for (let at = 0; at < 50; at += 1) await alice.say(chat, `more ${at}`)
  await send(
    ...Array.from({ length: 20 }, (): KnownFrame => ({ is: 'have', scope: chat, feeds: [{ ...feed, ranges: odd }] })),
  )
  t.equal(mallory.complaints.length, 0)
  await intact(t, on)
})

t.test('a vector that claims entries of others, or wrong heads, brings nothing and harms nobody', async (t) => {
  const on = await stage(t)
  const { alice, chat, send, time, received } = on
  const before = await alice.texts(chat)
  const mine = feedOf(alice, chat)
  const hlc = { wallMs: time.now(), count: 1 }
  for (let lie = 1; lie <= 20; lie += 1) {
    const head = entryIdOf(fill(lie))
    const rows: VectorRow[] = [
      { ...mine, ranges: [[1, 1000 * lie]], head, hlc },
      { ...mine, generation: generationOf(fill(lie, 8)), ranges: [[1, 5]], head, hlc },
    ]
    await send({ is: 'vector', scope: chat, rows, more: false })
  }
  await time.pass(60_000)
  t.ok(framesOf(received, 'want').length > 0, 'she asks for what may be her own')
  const own = alice.rooms.conversations.peers
    .vector(chat)
    .filter(({ device, lane }) => device === alice.id && lane === 1)
  t.equal(own.length, 1, 'and begins nothing new before there is something to say')
  for (let at = 0; at < 5; at += 1) {
    await alice.say(chat, `on ${at}`)
    await send({
      is: 'vector',
      scope: chat,
      rows: [{ ...mine, ranges: [[1, 9999]], head: entryIdOf(fill(99)), hlc }],
      more: false,
    })
  }
  const after = alice.rooms.conversations.peers
    .vector(chat)
    .filter(({ device, lane }) => device === alice.id && lane === 1)
  t.ok(after.length <= 2, 'one new generation in one run of the daemon, whatever is claimed')
  t.strictSame((await alice.texts(chat)).slice(0, before.length), before)
  await intact(t, on)
})

t.test('a clock far ahead or long gone is kept in its place, marked, and moves no other clock', async (t) => {
  const on = await stage(t)
  const { alice, bob, mallory, chat, secret, send, time } = on
  const pen = (generation: string): Pen => new Pen(mallory.rooms.identity, chat, { generation })
  const wrong = [2 ** 48 - 1, time.now() + limits.clockAheadMs + 60_000, 0, 1]
  for (const [at, wallMs] of wrong.entries()) {
    const one = pen(`clock ${at}`)
    const runs: Run[] = [one.run([one.write('x', { hlc: { wallMs, count: 65_535 } })])]
    await send({ is: 'entries', scope: chat, runs, done: false })
  }
  const marked = (await alice.messages(chat)).filter(({ clockWrong }) => clockWrong)
  t.equal(marked.length, wrong.length)
  const { at } = (await alice.messages(chat)).find(({ order }) => order === marked[0]?.order) ?? { at: 0 }
  t.ok(at >= 0)
  await alice.say(secret, 'what time is it')
  await on.settle()
  const said = (await bob.messages(secret)).at(-1)
  t.ok(Math.abs((said?.at ?? 0) - time.now()) < 10_000, 'her own clock stays where it is')
  t.notOk(said?.clockWrong)
  await intact(t, on)
})

t.test('replays, forks, and entries without what they should hold change nothing twice', async (t) => {
  const on = await stage(t)
  const { alice, mallory, chat, send, link } = on
  const pen = new Pen(mallory.rooms.identity, chat, { generation: 'forked' })
  const [first, second] = [pen.write('one'), pen.write('two')]
  const bare = (slot: Run['entries'][number]['slot']): Run => {
    const run = pen.run([second])
    return { ...run, entries: run.entries.map(({ sealed }) => ({ sealed, slot })) }
  }
  const entries = (...runs: Run[]): KnownFrame => ({ is: 'entries', scope: chat, runs, done: true })
  await send(entries(pen.run([first])))
  const shown = (await alice.messages(chat)).length
  await send(entries(bare({ is: 'missing' })), entries(bare({ is: 'erased', by: entryIdOf(fill(9)) })))
  t.equal((await alice.messages(chat)).length, shown, 'nobody who may took it back: it stays wanted')
  await send(entries(pen.run([first, second])))
  t.equal((await alice.messages(chat)).length, shown + 1)
  for (let again = 0; again < 20; again += 1) await send(entries(pen.run([first, second])))
  t.equal((await alice.messages(chat)).length, shown + 1, 'replays')
  pen.goOnFrom(first)
  const other = pen.write('in its place')
  await send(entries(pen.run([other])))
  const ids = (await alice.messages(chat)).map(({ id }) => id)
  t.ok(ids.includes(second.sealed.id) && !ids.includes(other.sealed.id), 'what came first stays')
  t.notOk(link.closed.aborted, 'a fork ends no link')
  await alice.stop()
  await alice.start()
  t.strictSame(
    (await alice.messages(chat)).map(({ id }) => id),
    ids,
    'the same after a restart',
  )
  t.strictSame(
    alice.complaints.filter((each) => each.includes('INTERNAL')),
    [],
  )
})

t.test('two honest devices that were given two ends of one fork hold what they have, and serve others', async (t) => {
  const world = neighbourhood(t)
  const { start, settle, place, time } = world
  const [alice, bob, mallory] = [await start('alice'), await start('bob'), await start('mallory')]
  await alice.befriend(mallory, settle)
  await bob.befriend(mallory, settle)
  const secret = await alice.befriend(bob, settle)
  const log = mallory.rooms.identity.person
  place.part(alice, mallory)
  place.part(bob, mallory)
  // The log of mallory's person is the one scope that both of them share with her.
  const pen = (): Pen => new Pen(mallory.rooms.identity, log, { lane: 0, generation: 'two ends' })
  for (const [to, text] of [
    [alice, 'for alice'],
    [bob, 'for bob'],
  ] as const) {
    const [link, there] = linkPair({ timers: time, devices: [mallory.id, to.id] })
    void (async () => {
      for await (const _ of link.frames);
    })()
    to.rooms.sync.addLink(there)
    const one = pen()
    const written = one.write(text, { epoch: undefined, kind: kinds.movedTo })
    link.sendBytes(encodeFrame({ is: 'vector', scope: log, rows: [], more: false }))
    link.sendBytes(encodeFrame({ is: 'entries', scope: log, runs: [one.run([written])], done: false }))
    await settle()
    t.notOk(link.closed.aborted)
  }
  const heads = [alice, bob].map((each) => new Set(each.rooms.conversations.peers.vector(log).map(({ head }) => head)))
  t.notSame(heads[0], heads[1], 'each holds what came to it')
  await alice.say(secret, 'and between us')
  await settle()
  t.strictSame(await bob.texts(secret), await alice.texts(secret))
  for (const each of [alice, bob])
    t.equal(each.rooms.conversations.peers.devicesOf(log).size, 1, 'who belongs is the same')
})
