/** A large file on one link: every chunk verified as it comes, and all of it durable. */

import type { Bench, Row } from '../bench.ts'
import { shownOnly, type Figure } from '../figure.ts'
import { floorPair } from '../floors/floor-process.ts'
import { linkedPair, warmUp } from '../pair.ts'
import { median } from '../statistics.ts'

/** 60 % of the speed of a bare stream. */
const budgetTimes = 1 / 0.6

export const file: Row = {
  name: 'file',
  about: 'a large file over one link, verified and durable, against the same bytes on a bare stream',
  async run(bench: Bench): Promise<Figure[]> {
    const { fileBytes: bytes, rounds } = bench.scale
    const { near, to } = await floorPair(bench)
    const { alice, bob, conversation, ...pair } = await linkedPair(bench)
    await warmUp({ alice, bob, conversation, ...pair })
    const floor: number[] = []
    const added: number[] = []
    const fetched: number[] = []
    for (let round = 0; round < Math.min(rounds, 3); round += 1) {
      floor.push(await near.ask('stream', { to, bytes }))
      const { id, ms } = await alice.child.ask('addFile', { conversation, bytes })
      added.push(ms)
      fetched.push(await bob.child.ask('fetchFile', { conversation, id }))
    }
    const megabytes = Math.round(bytes / 1_000_000)
    return [
      { name: `${megabytes} MB taken in`, unit: 'ms', floor: 0, measured: median(added), budget: shownOnly },
      {
        name: `${megabytes} MB fetched`,
        unit: 'ms',
        floor: median(floor),
        measured: median(fetched),
        budget: { is: 'times', value: budgetTimes },
      },
    ]
  },
}
