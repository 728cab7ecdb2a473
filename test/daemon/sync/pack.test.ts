/** How runs are cut into frames. */

import t from 'tap'
import { packRuns, runSize } from '../../../daemon/sync/pack.ts'
import type { Run } from '../../../protocol/run.ts'
import { chainRuns, fakeDevice, fakeFeed, fakeScope } from '../../support/fake-device.ts'

/** A run of so many entries, of which the upper ones are headers alone. */
function runOf(count: number, bare: number): Run {
  const device = fakeDevice(1)
  const [run] = chainRuns(device, fakeFeed(device, { scope: fakeScope(1) }), { count })
  if (run === undefined) throw new Error('no run')
  const entries = run.entries.map((entry, at) => (at < bare ? { ...entry, slot: { is: 'missing' as const } } : entry))
  return { ...run, entries }
}

t.test('headers that prove what stands below them stay with it, wherever the frame is full', (t) => {
  const [before, run] = [runOf(8, 0), runOf(12, 6)]
  for (let most = runSize(run); most < runSize(before) + runSize(run) + 1000; most += 40) {
    const frames = packRuns([before, run], most)
    const parts = frames.flat().filter(({ entries }) => entries.some(({ slot }) => slot.is === 'missing'))
    const [top] = parts
    if (parts.length !== 1 || top?.signature === undefined || top.entries[6]?.slot.is !== 'held')
      t.fail(`a run was cut within its proof at ${most} bytes`)
    if (frames.flat().flatMap(({ entries }) => entries).length !== 20) t.fail(`an entry was left out at ${most} bytes`)
  }
  t.equal(packRuns([before, run], runSize(before) + 300).length > 1, true, 'it is cut where there is no room')
  t.end()
})
