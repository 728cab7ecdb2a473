/** From an address to knowing who is there. */

import type { Row } from '../bench.ts'
import { floorPair } from '../floors/floor-process.ts'
import { startDaemon } from '../pair.ts'
import { median } from '../statistics.ts'

export const dial: Row = {
  name: 'dial',
  about: 'dial, Noise and hello both ways between strangers, against dial and Noise alone',
  async run(bench) {
    const { rounds, dials: count } = bench.scale
    const [{ near, to }, alice, bob] = await Promise.all([
      floorPair(bench),
      startDaemon(bench, bench.path('a')),
      startDaemon(bench, bench.path('b')),
    ])
    const floor: number[] = []
    const measured: number[] = []
    // The first round warms both up.
    for (let round = 0; round <= rounds; round += 1) {
      const bare = await near.ask('dial', { to, count })
      const looked = await alice.child.ask('look', { address: bob.address, count })
      if (round === 0 && rounds > 1) continue
      floor.push(...bare)
      measured.push(...looked)
    }
    return [
      {
        name: 'dial, Noise and hello',
        unit: 'ms',
        floor: median(floor),
        measured: median(measured),
        budget: { is: 'most', value: 10 },
      },
    ]
  },
}
