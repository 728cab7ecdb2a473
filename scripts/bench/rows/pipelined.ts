/** Messages posted as fast as they are taken, until the peer holds them all. */

import type { Row } from '../bench.ts'
import { floorPair } from '../floors/floor-process.ts'
import { linkedPair, warmUp } from '../pair.ts'
import { median } from '../statistics.ts'

export const pipelined: Row = {
  name: 'pipelined',
  about: 'messages a second, stored and acknowledged, 500 posts under way, against durable batches over a raw stream',
  async run(bench) {
    const { rounds, flood: count } = bench.scale
    const [{ near, to }, pair] = await Promise.all([floorPair(bench), linkedPair(bench)])
    await warmUp(pair)
    const { alice, conversation } = pair
    const floor: number[] = []
    const measured: number[] = []
    const stored: number[] = []
    await alice.child.ask('flood', { conversation, count: Math.ceil(count / 10), acked: true })
    for (let round = 0; round < rounds; round += 1) {
      floor.push((count / (await near.ask('flood', { to, count }))) * 1000)
      const { storedMs, ackedMs } = await alice.child.ask('flood', { conversation, count, acked: true })
      measured.push((count / ackedMs) * 1000)
      stored.push((count / storedMs) * 1000)
    }
    bench.note(`pipelined: ${Math.round(median(stored))} messages a second were stored at the author`)
    return [
      {
        name: 'stored and acknowledged',
        unit: '/s',
        floor: median(floor),
        measured: median(measured),
        budget: { is: 'least', value: 15_000 },
      },
    ]
  },
}
