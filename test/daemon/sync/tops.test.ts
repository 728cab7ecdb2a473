/** What linked members say they hold of somebody is fetched before it is counted on. */

import t from 'tap'
import { Tops } from '../../../daemon/sync/tops.ts'
import type { FeedRanges } from '../../../protocol/frames.ts'
import { entryIdOf, generationOf } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import type { VectorRow } from '../../../protocol/vector.ts'
import { fakeDevice, fakeScope } from '../../support/fake-device.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const [scope, author] = [fakeScope(1), fakeDevice(1).id]
const peers = [2, 3].map((number) => ({ device: fakeDevice(number).id, link: { send: () => {} } }))

const rowUpTo = (seq: number): VectorRow => ({
  device: author,
  lane: 1,
  generation: generationOf(new Uint8Array(8)),
  ranges: [[1, seq]],
  head: entryIdOf(new Uint8Array(32).fill(seq)),
  hlc: { wallMs: seq, count: 0 },
  floor: undefined,
})

/** A question about one author, in a log that holds entries up to `held`. */
function asked(): { tops: Tops; time: VirtualTime; state: { held: number; isOver: boolean } } {
  const time = new VirtualTime()
  const state = { held: 3, isOver: false }
  const lacking = (_: unknown, feeds: readonly FeedRanges[]): FeedRanges[] =>
    feeds.filter(({ ranges }) => (ranges.at(-1)?.[1] ?? 0) > state.held)
  const tops = new Tops({ lacking }, time)
  void tops.gather(scope, [author], peers).then(() => (state.isOver = true))
  return { tops, time, state }
}

t.test('who asks goes on once all answered and what they named is held', async (t) => {
  const { tops, time, state } = asked()
  tops.heard(scope, fakeDevice(2).id, [rowUpTo(3)])
  await time.pass(0)
  t.equal(state.isOver, false, 'one has not answered')
  tops.heard(scope, fakeDevice(3).id, [rowUpTo(5)])
  await time.pass(0)
  t.equal(state.isOver, false, 'what it named is not here')
  state.held = 5
  tops.arrived(fakeScope(2))
  await time.pass(0)
  t.equal(state.isOver, false, 'something of another scope came')
  tops.arrived(scope)
  await time.pass(0)
  t.equal(state.isOver, true)
})

t.test('what is named and never comes is waited for no longer than the limit', async (t) => {
  const { tops, time, state } = asked()
  for (const { device } of peers) tops.heard(scope, device, [rowUpTo(9)])
  await time.pass(limits.topsTimeoutMs - 1)
  t.equal(state.isOver, false)
  await time.pass(1)
  t.equal(state.isOver, true)
})
