/** Two and three devices come to hold the same, whatever each held before. */

import t from 'tap'
import type { FeedRanges } from '../../../protocol/frames.ts'
import { feedKey } from '../../../protocol/entry.ts'
import { chainRuns, fakeDevice, fakeFeed, fakeScope } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)

const same = (a: FakeSync, b: FakeSync): boolean => a.log.contents(scope).join() === b.log.contents(scope).join()

t.test('two logs with gaps in a foreign feed end up equal', async (t) => {
  const time = new VirtualTime(1)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  const carol = fakeDevice(3)
  shareScope(scope, alice, bob)
  const runs = Array.from({ length: 10 }).reduce<ReturnType<typeof chainRuns>>((all) => {
    return [
      ...all,
      ...chainRuns(carol, fakeFeed(carol, { scope }), { count: 7, below: all.at(-1)?.entries[0]?.sealed }),
    ]
  }, [])
  alice.log.hold(runs.filter((_, index) => index % 2 === 0))
  bob.log.hold(runs.filter((_, index) => index % 3 !== 0))
  alice.log.post({ scope, lane: 0 }, { count: 3 })
  bob.log.post({ scope }, { count: 2000 })
  linkUp(time, [alice, bob])
  await time.until(() => same(alice, bob))
  t.equal(alice.log.count(scope), 3 + 2000 + runs.flatMap(({ entries }) => entries).length - 7 * 2)
  t.same([...alice.complaints, ...bob.complaints], [])
})

t.test('an own entry reaches a linked peer at once, and its have comes back', async (t) => {
  const time = new VirtualTime(2)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  linkUp(time, [alice, bob])
  await time.pass(100)
  alice.log.post({ scope }, { count: 1 })
  await time.pass(10)
  t.equal(bob.log.count(scope), 1)
  const feed = feedKey(fakeFeed(alice.device, { scope }))
  t.same(alice.log.holders.get(bob.device.id)?.get(feed), [[1, 1]])
})

t.test('what is posted while vectors cross is not lost', async (t) => {
  for (let delayed = 0; delayed < 12; delayed += 1) {
    const time = new VirtualTime(3 + delayed)
    const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
    shareScope(scope, alice, bob)
    alice.log.post({ scope }, { count: 5 })
    linkUp(time, [alice, bob], { delayMs: 2 })
    await time.pass(delayed)
    alice.log.post({ scope }, { count: 1 })
    bob.log.post({ scope }, { count: 1 })
    await time.pass(50)
    t.ok(same(alice, bob), `posted after ${delayed} ms`)
  }
})

t.test('a third device serves what the author is not there to serve', async (t) => {
  const time = new VirtualTime(4)
  const [alice, bob, carol] = [fakeSync(time, 1), fakeSync(time, 2), fakeSync(time, 3)]
  shareScope(scope, alice, bob, carol)
  alice.log.post({ scope }, { count: 8000 })
  const [link] = linkUp(time, [alice, bob])
  await time.until(() => same(alice, bob))
  await link.close(0)
  linkUp(time, [bob, carol])
  await time.until(() => same(bob, carol))
  t.equal(carol.log.count(scope), 8000)
})

t.test('news travel along a chain of devices', async (t) => {
  const time = new VirtualTime(5)
  const [alice, bob, carol] = [fakeSync(time, 1), fakeSync(time, 2), fakeSync(time, 3)]
  shareScope(scope, alice, bob, carol)
  linkUp(time, [alice, bob])
  linkUp(time, [bob, carol])
  await time.pass(50)
  alice.log.post({ scope }, { count: 1 })
  await time.pass(200)
  t.equal(carol.log.count(scope), 1)
})

t.test('in a full mesh news are sent once to each, not relayed to those who said that they hold them', async (t) => {
  const time = new VirtualTime(6)
  const all = Array.from({ length: 6 }, (_, number) => fakeSync(time, number + 1))
  shareScope(scope, ...all)
  let entries = 0
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      linkUp(time, [one, other], { onFrame: (frame) => void (entries += frame.is === 'entries' ? 1 : 0) })
    }
  }
  await time.pass(100)
  all[0]?.log.post({ scope }, { count: 1 })
  await time.pass(1000)
  t.ok(all.every(({ log }) => log.count(scope) === 1))
  t.equal(entries, 5)
})

t.test('the newest entries come first', async (t) => {
  const time = new VirtualTime(7)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  alice.log.post({ scope }, { count: 5000 })
  const firsts: number[] = []
  bob.log.onAppended(({ runs }) => firsts.push(runs[0]?.entries[0]?.sealed.header.seq ?? 0))
  linkUp(time, [alice, bob])
  await time.until(() => same(alice, bob))
  t.equal(firsts[0], 5000)
  t.same(
    firsts,
    firsts.toSorted((a, b) => b - a),
  )
})

t.test('operations are complete before messages are wanted or taken', async (t) => {
  const time = new VirtualTime(8)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  alice.log.post({ scope }, { count: 2000 })
  alice.log.post({ scope, lane: 0 }, { count: 1500, payloadBytes: 600 })
  const lanes: number[] = []
  bob.log.onAppended(({ runs }) => lanes.push(...runs.map(({ entries }) => entries[0]?.sealed.header.lane ?? 2)))
  const wanted: number[] = []
  linkUp(time, [alice, bob], {
    onFrame: (frame) => {
      if (frame.is === 'want') wanted.push(...frame.feeds.map(({ lane }) => lane))
    },
  })
  await time.until(() => alice.log.count(scope) === bob.log.count(scope))
  t.same(
    lanes,
    lanes.toSorted((a, b) => a - b),
  )
  t.same(
    wanted,
    wanted.toSorted((a, b) => a - b),
  )
})

t.test('messages pushed before their operations are taken after them', async (t) => {
  const time = new VirtualTime(9)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  alice.log.post({ scope, lane: 0 }, { count: 1200, payloadBytes: 1000 })
  linkUp(time, [alice, bob], { bytesPerMs: 100 })
  await time.pass(2000)
  t.ok(bob.log.count(scope) < 1200)
  const heldBefore: number[] = []
  bob.log.onAppended(({ runs }) => {
    if (runs.some(({ entries }) => entries[0]?.sealed.header.lane === 1)) heldBefore.push(bob.log.count(scope) - 1)
  })
  alice.log.post({ scope }, { count: 1 })
  await time.until(() => same(alice, bob), 30_000)
  t.same(heldBefore, [1200])
})

t.test('own entries that were lost come back before anything is given', async (t) => {
  const time = new VirtualTime(10)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  bob.log.hold(alice.log.post({ scope }, { count: 3000 }))
  alice.log.lose(fakeFeed(alice.device, { scope }), 11)
  alice.log.post({ scope, generation: 2 }, { count: 5 })
  const given: number[] = []
  linkUp(time, [alice, bob], {
    bytesPerMs: 1000,
    onFrame: (frame, from) => {
      if (frame.is === 'entries' && from === bob.device.id) return
      if (frame.is === 'entries') given.push(alice.log.count(scope))
    },
  })
  await time.pass(200)
  alice.log.post({ scope, generation: 2 }, { count: 1 })
  await time.until(() => same(alice, bob))
  t.ok(given.length > 0)
  t.ok(given.every((held) => held === 3006))
})

t.test('a lost push is mended by the digest within 72 seconds', async (t) => {
  const time = new VirtualTime(11)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  linkUp(time, [alice, bob])
  await time.pass(100)
  const feed = fakeFeed(alice.device, { scope })
  alice.log.hold(chainRuns(alice.device, feed, { count: 4 }))
  await time.pass(72_100)
  t.same(bob.log.rangesOf(feed), [[1, 4]] satisfies FeedRanges['ranges'])
})

t.test('a scope that becomes shared while linked is synced at once', async (t) => {
  const time = new VirtualTime(12)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  alice.log.post({ scope }, { count: 3 })
  alice.log.share(scope, bob.device.id)
  linkUp(time, [alice, bob])
  await time.pass(100)
  bob.log.share(scope, alice.device.id)
  await time.pass(100)
  t.ok(same(alice, bob))
  alice.log.post({ scope }, { count: 1 })
  await time.pass(20)
  t.ok(same(alice, bob))
})
