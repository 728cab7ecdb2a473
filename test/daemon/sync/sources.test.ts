/** A long history comes from several members at once: each range from one of them, whoever is slow, silent or gone. */

import t from 'tap'
import type { Frame } from '../../../protocol/frames.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { fakeScope } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import type { LinkPairOptions, MemoryLink } from '../../support/link-pair.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)
const [feeds, perFeed] = [24, 200]

interface Joining {
  readonly time: VirtualTime
  readonly joiner: FakeSync
  readonly members: readonly FakeSync[]
  /** How many entries each member brought. */
  readonly brought: Map<DeviceId, number>
  /** Entries that the one who joins sent. */
  readonly back: () => number
  readonly link: (member: FakeSync, options?: Partial<LinkPairOptions>) => MemoryLink
  /** Until so many are here; how long it took, ms. */
  readonly until: (entries: number) => Promise<number>
}

const entriesIn = (frame: Frame): number =>
  frame.is === 'entries' ? frame.runs.reduce((sum, { entries }) => sum + entries.length, 0) : 0

/** Members who all hold the same history of many feeds, over links of 100 bytes a millisecond. */
function joining(seed: number, count: number): Joining {
  const time = new VirtualTime(seed)
  const joiner = fakeSync(time, 1)
  const members = Array.from({ length: count }, (_, at) => fakeSync(time, 2 + at))
  shareScope(scope, joiner, ...members)
  const [author, ...others] = members
  for (let generation = 0; generation < feeds; generation += 1) {
    const runs = author?.log.post({ scope, generation }, { count: perFeed }) ?? []
    for (const other of others) other.log.hold(runs)
  }
  const brought = new Map<DeviceId, number>()
  let back = 0
  return {
    time,
    joiner,
    members,
    brought,
    back: () => back,
    link: (member, options = {}) => {
      const onFrame = (frame: Frame, from: DeviceId): void => {
        const { id } = member.device
        if (from === id) brought.set(id, (brought.get(id) ?? 0) + entriesIn(frame))
        else back += entriesIn(frame)
      }
      const [end] = linkUp(time, [member, joiner], { bytesPerMs: 100, windowBytes: 64 * 1024, onFrame, ...options })
      return end
    },
    until: async (entries) => {
      const before = time.now()
      await time.until(() => joiner.log.count(scope) >= entries)
      return time.now() - before
    },
  }
}

const total = (brought: ReadonlyMap<DeviceId, number>): number =>
  [...brought.values()].reduce((sum, each) => sum + each, 0)

t.test('four members bring a history in a third of the time of one, each a part of it', async (t) => {
  const alone = joining(1, 1)
  for (const each of alone.members) alone.link(each)
  const byOne = await alone.until(feeds * perFeed)
  const together = joining(1, 4)
  const left: number[] = []
  together.joiner.sync.onArriving((_, messages) => left.push(messages))
  for (const each of together.members) together.link(each)
  const byFour = await together.until(feeds * perFeed)
  await together.time.pass(5000)
  t.comment(`${byOne} ms from one, ${byFour} ms from four: ${[...together.brought.values()].join(', ')}`)
  t.ok(byFour * 3 < byOne, `${byFour} ms against ${byOne} ms`)
  t.equal(total(together.brought), feeds * perFeed, 'nothing twice')
  t.strictSame(
    left,
    left.toSorted((a, b) => b - a),
    'what is left is told, and shrinks',
  )
  t.ok(left.length > 2)
  t.equal(left.at(-1), 0)
  t.equal(together.back(), 0, 'and nothing is given back to those who hold it')
  t.strictSame(together.joiner.log.contents(scope), together.members[0]?.log.contents(scope))
})

t.test('the newest of every feed comes before anything older', async (t) => {
  const { members, link, time, joiner } = joining(2, 1)
  for (const each of members) link(each)
  // The first want brings the operations that there are, the newest of each feed and a little more.
  await time.until(() => joiner.log.count(scope) >= feeds * 40)
  const rows = joiner.log.vector(scope)
  t.equal(rows.length, feeds)
  for (const { ranges } of rows) t.strictSame([ranges.length, ranges[0]?.[1]], [1, perFeed])
})

t.test('what a member did not bring who went, or fell silent, comes from the others', async (t) => {
  for (const end of ['cut', 'part'] as const) {
    const { members, link, until, joiner, brought } = joining(3, 3)
    const [first] = members.map((each) => link(each))
    await until(feeds * 60)
    if (first === undefined) throw new Error('no link')
    first.wire[end]()
    const took = await until(feeds * perFeed)
    t.strictSame(joiner.log.contents(scope), members[1]?.log.contents(scope), end)
    t.ok(took < 30_000, `${end}: ${took} ms`)
    t.ok(total(brought) <= feeds * perFeed, `${end}: nothing twice`)
  }
})

t.test('a member five times slower than another holds nobody up', async (t) => {
  const { members, link, until, brought } = joining(4, 2)
  const [quick, slow] = members
  if (quick === undefined || slow === undefined) throw new Error('two members')
  link(slow, { bytesPerMs: 20 })
  link(quick)
  const took = await until(feeds * perFeed)
  const alone = joining(4, 1)
  for (const each of alone.members) alone.link(each)
  const byOne = await alone.until(feeds * perFeed)
  t.comment(`${took} ms, ${byOne} ms from the quick one alone: ${[...brought.values()].join(', ')}`)
  t.ok(took < byOne * 1.2, `${took} ms against ${byOne} ms`)
  t.equal(total(brought), feeds * perFeed, 'nothing twice')
})
