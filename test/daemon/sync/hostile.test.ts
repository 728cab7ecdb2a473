/** Peers that lie, forge, flood or do not listen: their session ends or is ignored, and everyone else is served. */

import t, { type Test } from 'tap'
import { byeCodes } from '../../../protocol/frames.ts'
import { limits } from '../../../protocol/limits.ts'
import type { Run } from '../../../protocol/run.ts'
import { vectorDigest, type VectorRow } from '../../../protocol/vector.ts'
import { chainRuns, fakeDevice, fakeFeed, fakeScope, topOf } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import { framesOf, rawPeer, type RawPeer } from '../../support/raw-peer.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)
const secret = fakeScope(2)
const empty = vectorDigest([])

interface Stage {
  readonly time: VirtualTime
  readonly alice: FakeSync
  readonly bob: FakeSync
  readonly mallory: RawPeer
}

/** Alice and bob share two scopes; mallory, linked to alice, shares one of them. */
async function stage(options: Parameters<typeof rawPeer>[3] = {}): Promise<Stage> {
  const time = new VirtualTime(1)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  shareScope(secret, alice, bob)
  alice.log.share(scope, fakeDevice(9).id)
  linkUp(time, [alice, bob])
  const mallory = rawPeer(time, alice, 9, options)
  await time.pass(50)
  return { time, alice, bob, mallory }
}

/** The peer says that it holds nothing, which opens the scope at alice. */
async function open({ time, mallory }: Stage): Promise<void> {
  mallory.link.send({ is: 'vector', scope, rows: [], more: false })
  await time.pass(20)
  mallory.received.length = 0
}

async function stillServesBob(t: Test, { time, alice, bob }: Stage): Promise<void> {
  const before = bob.log.count(secret)
  alice.log.post({ scope: secret }, { count: 1 })
  await time.pass(100)
  t.equal(bob.log.count(secret), before + 1, 'bob is served')
}

const rowOf = (run: Run, ranges: VectorRow['ranges']): VectorRow => {
  const { header, id } = topOf(run)
  return { device: header.device, lane: header.lane, generation: header.generation, ranges, head: id, hlc: header.hlc }
}

t.test('a scope that a peer may not see is answered like one that does not exist', async (t) => {
  const on = await stage()
  await open(on)
  on.alice.log.post({ scope: secret }, { count: 5 })
  const bobs = fakeFeed(on.bob.device, { scope: secret })
  const ask = async (which: typeof scope): Promise<number> => {
    on.mallory.received.length = 0
    on.mallory.link.send({ is: 'offer', scopes: [{ scope: which, digest: empty }] })
    on.mallory.link.send({ is: 'vector', scope: which, rows: [], more: false })
    on.mallory.link.send({ is: 'want', scope: which, feeds: [{ ...bobs, ranges: [[1, 9]] }], budget: 1000 })
    on.mallory.link.send({ is: 'keys', scope: which, asked: [], given: [] })
    on.mallory.link.send({ is: 'live', scope: which, what: 1, value: null })
    await on.time.pass(5000)
    return on.mallory.received.length
  }
  t.equal(await ask(secret), 0)
  t.equal(await ask(fakeScope(77)), 0)
  t.same(on.alice.presence.lives, [])
  t.notOk(on.mallory.link.closed.aborted)
  await stillServesBob(t, on)
})

t.test('entries for a scope that the peer may not see are not looked at', async (t) => {
  const on = await stage()
  const before = on.alice.log.calls.get('accept') ?? 0
  const runs = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope: secret }), { count: 3 })
  on.mallory.link.send({ is: 'entries', scope: secret, runs, done: false })
  await on.time.pass(50)
  t.equal(on.alice.log.count(secret), 0)
  t.equal(on.alice.log.calls.get('accept') ?? 0, before)
  await stillServesBob(t, on)
})

t.test('entries of an author who does not belong are dropped, the session goes on', async (t) => {
  const on = await stage()
  await open(on)
  on.alice.log.authors = new Set([on.alice.device.id, on.bob.device.id, on.mallory.device.id])
  const stranger = fakeDevice(50)
  const send = (runs: Run[]): void => on.mallory.link.send({ is: 'entries', scope, runs, done: false })
  send(chainRuns(stranger, fakeFeed(stranger, { scope }), { count: 1 }))
  send(chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 1 }))
  await on.time.pass(50)
  t.equal(on.alice.log.count(scope), 1)
  t.notOk(on.mallory.link.closed.aborted)
  t.equal(framesOf(on.mallory.received, 'have').length, 1)
})

t.test('what breaks a hash or a signature ends that session only, with bad peer', async (t) => {
  const mine = fakeDevice(9)
  const feed = fakeFeed(mine, { scope })
  const [first] = chainRuns(mine, feed, { count: 3 }) as [Run]
  const [other] = chainRuns(mine, feed, { count: 5, mark: 7 }) as [Run]
  const forger = chainRuns(mine, fakeFeed(fakeDevice(2), { scope }), { count: 1 })
  const cases: Record<string, Run[]> = {
    'a forged author': forger,
    'a signature of something else': [{ ...first, signature: other.signature }],
    'a run whose entries do not follow each other': [{ ...first, entries: first.entries.toReversed() }],
    'a payload that the header does not name': [
      {
        ...first,
        entries: [{ sealed: topOf(first), slot: { is: 'held', payload: new Uint8Array(112).fill(250), seconds: 0 } }],
      },
    ],
    'an entry of another scope': chainRuns(mine, fakeFeed(mine, { scope: secret }), { count: 1 }),
  }
  for (const [what, runs] of Object.entries(cases)) {
    const on = await stage()
    await open(on)
    on.mallory.link.send({ is: 'entries', scope, runs, done: false })
    await on.time.pass(100)
    t.equal(on.mallory.link.closedWith?.code, byeCodes.badPeer, what)
    t.equal(on.alice.log.count(scope), 0)
    t.same(on.alice.sync.links().length, 1)
    await stillServesBob(t, on)
  }
})

t.test('a run that is neither signed nor hangs on anything is left out', async (t) => {
  const on = await stage()
  await open(on)
  const [run] = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 3 }) as [Run]
  on.mallory.link.send({ is: 'entries', scope, runs: [{ ...run, signature: undefined }], done: false })
  await on.time.pass(100)
  t.equal(on.alice.log.count(scope), 0)
  t.same(framesOf(on.mallory.received, 'have'), [])
  t.notOk(on.mallory.link.closed.aborted)
})

t.test('bytes that are no frame end that session only', async (t) => {
  for (const bytes of [new Uint8Array(0), Uint8Array.of(255), new Uint8Array(limits.entriesFrameBytes + 1)]) {
    const on = await stage()
    on.mallory.link.sendBytes(bytes)
    await on.time.pass(50)
    t.ok(on.mallory.link.closed.aborted)
    await stillServesBob(t, on)
  }
})

t.test('replayed entries change nothing and are relayed to nobody', async (t) => {
  const on = await stage()
  await open(on)
  const runs = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 3 })
  on.mallory.link.send({ is: 'entries', scope, runs, done: false })
  await on.time.pass(300)
  const accepts = on.bob.log.calls.get('accept')
  for (let again = 0; again < 50; again += 1) on.mallory.link.send({ is: 'entries', scope, runs, done: true })
  await on.time.pass(300)
  t.equal(on.alice.log.count(scope), 3)
  t.equal(on.bob.log.count(scope), 3)
  t.equal(on.bob.log.calls.get('accept'), accepts)
})

t.test('a vector that promises what never comes is believed once, then not before the next one', async (t) => {
  const on = await stage()
  const run = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 1 })[0] as Run
  on.mallory.link.send({ is: 'vector', scope, rows: [rowOf(run, [[1, Number.MAX_SAFE_INTEGER]])], more: false })
  await on.time.pass(30_000)
  t.equal(framesOf(on.mallory.received, 'want').length, 1)
  on.mallory.link.send({ is: 'vector', scope, rows: [rowOf(run, [[1, Number.MAX_SAFE_INTEGER]])], more: false })
  await on.time.pass(100)
  on.mallory.link.send({ is: 'entries', scope, runs: [], done: true })
  await on.time.pass(30_000)
  t.equal(framesOf(on.mallory.received, 'want').length, 2)
  await stillServesBob(t, on)
})

t.test('replays in answer to a want do not keep it going', async (t) => {
  const on = await stage()
  const runs = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 1 })
  on.mallory.link.send({ is: 'vector', scope, rows: [rowOf(runs[0] as Run, [[1, 1000]])], more: false })
  for (let answers = 0; answers < 20; answers += 1) {
    on.mallory.link.send({ is: 'entries', scope, runs, done: true })
    await on.time.pass(100)
  }
  t.ok(framesOf(on.mallory.received, 'want').length <= 3)
})

t.test('a liar that claims, replays and dawdles does not keep others from giving', async (t) => {
  const time = new VirtualTime(2)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  alice.log.share(scope, fakeDevice(9).id)
  const runs = chainRuns(fakeDevice(9), fakeFeed(fakeDevice(9), { scope }), { count: 3000 })
  bob.log.hold(runs)
  alice.log.hold(chainRuns(fakeDevice(9), fakeFeed(fakeDevice(9), { scope }), { count: 1 }))
  const replay = chainRuns(fakeDevice(9), fakeFeed(fakeDevice(9), { scope }), { count: 1 })
  const mallory = rawPeer(time, alice, 9)
  const lie = setEvery(time, 3000, () => {
    mallory.link.send({ is: 'vector', scope, rows: [rowOf(runs.at(-1) as Run, [[1, 3000]])], more: false })
    mallory.link.send({ is: 'entries', scope, runs: replay, done: false })
  })
  await time.pass(100)
  linkUp(time, [alice, bob], { bytesPerMs: 50 })
  await time.until(() => alice.log.count(scope) === 3000, 50_000)
  lie()
  t.ok(framesOf(mallory.received, 'want').length > 0)
})

t.test('a liar that answers with nothing leaves its turn to others', async (t) => {
  const on = await stage()
  const runs = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 2000 })
  on.mallory.link.send({ is: 'vector', scope, rows: [rowOf(runs.at(-1) as Run, [[1, 2000]])], more: false })
  await on.time.pass(50)
  on.bob.log.hold(runs)
  on.bob.log.share(scope)
  await on.time.pass(50)
  t.equal(on.alice.log.count(scope), 0)
  on.mallory.link.send({ is: 'entries', scope, runs: [], done: true })
  await on.time.pass(500)
  t.equal(on.alice.log.count(scope), 2000)
})

t.test('a want with huge ranges costs what is held, no more', async (t) => {
  const on = await stage()
  await open(on)
  on.alice.log.post({ scope }, { count: 20 })
  const ranges = [[1, Number.MAX_SAFE_INTEGER]] as const
  const feeds = Array.from({ length: 500 }, (_, generation) => ({
    ...fakeFeed(on.alice.device, { scope, generation: generation + 1 }),
    ranges,
  }))
  await on.time.pass(50)
  on.mallory.received.length = 0
  on.mallory.link.send({ is: 'want', scope, feeds, budget: limits.wantBytes })
  await on.time.pass(100)
  const answers = framesOf(on.mallory.received, 'entries')
  t.equal(answers.length, 1)
  t.equal(answers[0]?.done, true)
  t.equal(answers[0]?.runs.flatMap(({ entries }) => entries).length, 20)
})

t.test(
  'endless wants of a peer that does not read are answered into its own backlog only, up to a bound',
  async (t) => {
    const on = await stage({ reads: false })
    on.mallory.link.send({ is: 'vector', scope, rows: [], more: false })
    await on.time.pass(50)
    on.alice.log.post({ scope }, { count: 4000, payloadBytes: 1000 })
    const feeds = [{ ...fakeFeed(on.alice.device, { scope }), ranges: [[1, 4000]] as const }]
    for (let asks = 0; asks < 300; asks += 1) {
      on.mallory.link.send({ is: 'want', scope, feeds, budget: limits.wantBytes })
      if (asks > 150) on.mallory.link.send({ is: 'offer', scopes: [{ scope, digest: empty }] })
      await on.time.pass(10)
    }
    const end = on.alice.sync.links().find(({ device }) => device === on.mallory.device.id)
    t.ok((end?.backlog ?? 0) < 3 * 1024 * 1024, `backlog ${end?.backlog}`)
    await stillServesBob(t, on)
  },
)

t.test('a vector longer than any honest one ends the session', async (t) => {
  const on = await stage()
  const run = chainRuns(on.mallory.device, fakeFeed(on.mallory.device, { scope }), { count: 1 })[0] as Run
  for (let part = 0; part < 20 && !on.mallory.link.closed.aborted; part += 1) {
    const rows = Array.from({ length: 1000 }, (_, index) => ({
      ...rowOf(run, [[1, 1]]),
      generation: fakeFeed(on.mallory.device, { scope, generation: part * 1000 + index }).generation,
    }))
    on.mallory.link.send({ is: 'vector', scope, rows, more: true })
    await on.time.pass(20)
  }
  t.equal(on.mallory.link.closedWith?.code, byeCodes.badPeer)
  await stillServesBob(t, on)
})

t.test('keys that nobody asked for are not taken', async (t) => {
  const on = await stage()
  await open(on)
  const epoch = chainRuns(on.alice.device, fakeFeed(on.alice.device, { scope }), { count: 1 })[0] as Run
  const id = topOf(epoch).header.epoch
  if (id === undefined) throw new Error('messages name an epoch')
  on.mallory.link.send({ is: 'keys', scope, asked: [], given: [{ epoch: id, key: new Uint8Array(32) }] })
  await on.time.pass(50)
  t.equal(on.alice.log.calls.get('takeKeys'), undefined)
})

/** Calls `task` every `ms` until what is returned is called. */
function setEvery(time: VirtualTime, ms: number, task: () => void): () => void {
  let callOff = time.after(0, function again() {
    task()
    callOff = time.after(ms, again)
  })
  return () => callOff()
}
