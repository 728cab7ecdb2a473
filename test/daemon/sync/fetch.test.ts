/** Wants: within budgets, once for each range, fair to what is new, and never at a standstill. */

import t from 'tap'
import type { Frame } from '../../../protocol/frames.ts'
import { encodeFrame } from '../../../protocol/frames.ts'
import { limits } from '../../../protocol/limits.ts'
import { entrySize, type Run } from '../../../protocol/run.ts'
import type { VectorRow } from '../../../protocol/vector.ts'
import { chainRuns, fakeDevice, fakeFeed, fakeScope, feedOfRun, topOf } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import { framesOf, rawPeer } from '../../support/raw-peer.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)

function three(seed: number): { time: VirtualTime; alice: FakeSync; bob: FakeSync; carol: FakeSync } {
  const time = new VirtualTime(seed)
  const [alice, bob, carol] = [fakeSync(time, 1), fakeSync(time, 2), fakeSync(time, 3)]
  shareScope(scope, alice, bob, carol)
  return { time, alice, bob, carol }
}

const entriesIn = (frame: Frame): number =>
  frame.is === 'entries'
    ? frame.runs.flatMap(({ entries }) => entries).filter(({ slot }) => slot.is === 'held').length
    : 0

t.test('every frame and every want keeps to its limit', async (t) => {
  const { time, alice, bob } = three(1)
  alice.log.post({ scope }, { count: 2000, payloadBytes: 4000 })
  let largest = 0
  let asked = 0
  let answered = 0
  const wants: number[] = []
  linkUp(time, [alice, bob], {
    onFrame: (frame) => {
      if (frame.is === 'unknown') return
      const { length } = encodeFrame(frame)
      if (frame.is === 'entries') largest = Math.max(largest, length)
      else t.ok(length <= limits.controlFrameBytes)
      if (frame.is === 'want') {
        asked = frame.budget
        answered = 0
        wants.push(frame.budget)
      }
      if (frame.is === 'entries') {
        // Headers that lead down to a signed run are not what was asked for.
        const entries = frame.runs.flatMap((run) => run.entries).filter(({ slot }) => slot.is === 'held')
        answered += entries.reduce((sum, { sealed, slot }) => sum + entrySize(sealed, slot), 0)
        t.ok(answered <= asked + 8192, `${answered} of ${asked} bytes`)
      }
    },
  })
  await time.until(() => bob.log.count(scope) === 2000)
  t.ok(largest <= limits.entriesFrameBytes)
  t.ok(wants.every((budget) => budget <= limits.wantBytes))
  t.ok(wants.length > 1)
})

t.test('what two links offer is fetched once', async (t) => {
  const { time, alice, bob, carol } = three(2)
  const runs = alice.log.post({ scope }, { count: 6000 })
  bob.log.hold(runs)
  let brought = 0
  const onFrame = (frame: Frame): void => void (brought += entriesIn(frame))
  linkUp(time, [alice, carol], { onFrame })
  linkUp(time, [bob, carol], { onFrame })
  await time.until(() => carol.log.count(scope) === 6000)
  await time.pass(1000)
  t.equal(brought, 6000)
})

t.test('what a link that broke did not bring is fetched over the other', async (t) => {
  const { time, alice, bob, carol } = three(3)
  bob.log.hold(alice.log.post({ scope }, { count: 6000 }))
  const [link] = linkUp(time, [alice, carol], { bytesPerMs: 100 })
  await time.pass(200)
  linkUp(time, [bob, carol])
  await time.pass(200)
  t.ok(carol.log.count(scope) < 6000)
  link.wire.cut()
  await time.pass(2000)
  t.equal(carol.log.count(scope), 6000)
})

t.test('what a silent link does not bring is fetched over the other after ten seconds', async (t) => {
  const { time, alice, bob, carol } = three(4)
  bob.log.hold(alice.log.post({ scope }, { count: 3000 }))
  const [link] = linkUp(time, [alice, carol], { bytesPerMs: 100 })
  await time.pass(100)
  link.wire.part()
  linkUp(time, [bob, carol])
  await time.pass(8000)
  const before = carol.log.count(scope)
  t.ok(before < 3000)
  await time.pass(5000)
  t.equal(carol.log.count(scope), 3000)
})

t.test('a message overtakes history on a slow link', async (t) => {
  const { time, alice, bob } = three(5)
  alice.log.post({ scope }, { count: 4000, payloadBytes: 4000 })
  linkUp(time, [alice, bob], { bytesPerMs: 1000, windowBytes: 128 * 1024 })
  await time.pass(8000)
  const said = alice.log.post({ scope, generation: 2 }, { count: 1 })
  const before = time.now()
  const feed = fakeFeed(alice.device, { scope, generation: 2 })
  await time.until(() => bob.log.rangesOf(feed).length === said.length)
  t.ok(time.now() - before < 600, `${time.now() - before} ms`)
  t.ok(bob.log.count(scope) < 4000)
})

t.test('scopes of one link are served in turn', async (t) => {
  const { time, alice, bob } = three(6)
  const other = fakeScope(2)
  alice.log.post({ scope }, { count: 4000, payloadBytes: 4000 })
  alice.log.post({ scope: other }, { count: 100 })
  linkUp(time, [alice, bob], { bytesPerMs: 1000, windowBytes: 128 * 1024 })
  await time.pass(6000)
  shareScope(other, alice, bob)
  const before = time.now()
  await time.until(() => bob.log.count(other) === 100)
  t.ok(time.now() - before < 1200, `${time.now() - before} ms`)
  t.ok(bob.log.count(scope) < 4000)
})

t.test('two devices that give each other much through small windows do not block each other', async (t) => {
  const { time, alice, bob } = three(7)
  alice.log.post({ scope }, { count: 8000 })
  bob.log.post({ scope }, { count: 8000 })
  linkUp(time, [alice, bob], { windowBytes: 1024 })
  await time.until(() => alice.log.count(scope) === 16_000 && bob.log.count(scope) === 16_000)
  t.same(alice.log.contents(scope), bob.log.contents(scope))
})

t.test('more gaps and more feeds than one want can name are fetched by several', async (t) => {
  const { time, alice, bob } = three(8)
  const carol = fakeDevice(3)
  const runs = Array.from({ length: 300 }).reduce<ReturnType<typeof chainRuns>>((all) => {
    return [
      ...all,
      ...chainRuns(carol, fakeFeed(carol, { scope }), { count: 1, below: all.at(-1)?.entries[0]?.sealed }),
    ]
  }, [])
  alice.log.hold(runs)
  bob.log.hold(runs.filter((_, index) => index % 2 === 1))
  for (let generation = 0; generation < 1100; generation += 1) {
    alice.log.hold(chainRuns(carol, fakeFeed(carol, { scope, generation: generation + 10 }), { count: 1 }))
  }
  linkUp(time, [alice, bob])
  await time.until(() => bob.log.count(scope) === 1400)
  t.same(alice.log.contents(scope), bob.log.contents(scope))
  t.notOk(bob.sync.links()[0]?.closed.aborted)
})

t.test('a burst larger than a push is left to be wanted, and arrives', async (t) => {
  const { time, alice, bob } = three(9)
  linkUp(time, [alice, bob])
  await time.pass(50)
  alice.log.post({ scope }, { count: 3000 })
  await time.pass(500)
  t.equal(bob.log.count(scope), 3000)
})

/** What a device says that holds all entries up to the top of `run`. */
const rowOf = (run: Run): VectorRow => {
  const { header, id } = topOf(run)
  return { ...feedOfRun(run), ranges: [[1, header.seq]], head: id, hlc: header.hlc }
}

t.test('what a peer says while a want is open outlasts that want, and is asked for once', async (t) => {
  const ways: Record<string, number> = { 'answered with nothing': 20, 'never answered': 15_000 }
  for (const [way, waitMs] of Object.entries(ways)) {
    const time = new VirtualTime(10)
    const alice = fakeSync(time, 1)
    const peer = rawPeer(time, alice, 9)
    alice.log.share(scope, peer.device.id)
    const feed = fakeFeed(peer.device, { scope })
    const [first] = chainRuns(peer.device, feed, { count: 4 }) as [Run]
    const [more] = chainRuns(peer.device, feed, { count: 1, below: topOf(first) }) as [Run]
    peer.link.send({ is: 'vector', scope, rows: [rowOf(first)], more: false })
    await time.pass(20)
    const wants = (): unknown[] => framesOf(peer.received, 'want').map(({ feeds }) => feeds[0]?.ranges)
    t.strictSame(wants(), [[[1, 4]]], way)
    peer.link.send({ is: 'vector', scope, rows: [rowOf(more)], more: false })
    if (waitMs < 1000) peer.link.send({ is: 'entries', scope, runs: [], done: true })
    await time.pass(waitMs)
    t.strictSame(wants(), [[[1, 4]], [[1, 5]]], way)
    peer.link.send({ is: 'entries', scope, runs: [], done: true })
    await time.pass(30_000)
    t.equal(wants().length, 2, `${way}: a second time it is not believed`)
  }
})
