/** What one arriving entry costs: the same with a thousand and with a hundred thousand entries held. */

import t from 'tap'
import { fakeScope } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)

const callsOf = ({ log }: FakeSync): Record<string, number> => Object.fromEntries(log.calls)

/** Calls to the log, on both sides, for `news` entries that arrive one by one when `held` are there. */
async function workWith(held: number, news: number): Promise<Record<string, number>[]> {
  const time = new VirtualTime(1)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  bob.log.hold(alice.log.post({ scope }, { count: held, payloadBytes: 32 }))
  let bytes = 0
  const [link] = linkUp(time, [alice, bob])
  await time.pass(100)
  const before = [alice, bob].map(callsOf)
  const frames = link.wire.frames
  for (let each = 0; each < news; each += 1) {
    alice.log.post({ scope }, { count: 1, payloadBytes: 32 })
    await time.pass(10)
  }
  bytes += link.wire.frames - frames
  const after = [alice, bob].map(callsOf)
  return [
    ...after.map((calls, side) =>
      Object.fromEntries(Object.entries(calls).map(([what, times]) => [what, times - (before[side]?.[what] ?? 0)])),
    ),
    { frames: bytes },
  ]
}

t.test('work per arriving entry is constant', async (t) => {
  const few = await workWith(1000, 10)
  const many = await workWith(100_000, 10)
  t.same(many, few)
  t.equal(few[1]?.['accept'], 10)
  t.equal(few[1]?.['entries'], 10)
  t.equal(few[1]?.['vector'] ?? 0, 0)
  t.same(few[2], { frames: 20 })
})
