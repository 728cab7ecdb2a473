/** Counts what the receiver's store does for one message: the same at any length of the history, or something grows. */

import type { Row } from '../bench.ts'
import { linkedPair, warmUp, type Pair } from '../pair.ts'
import type { Figure } from '../figure.ts'
import type { Counts } from '../probe-jobs.ts'
import { median } from '../statistics.ts'

const samples = 21
const kinds = ['batches', 'writes', 'reads'] as const

/** The middle of several messages: registers and timers of the daemon may write in between. */
async function perMessage({ alice, bob, conversation }: Pair): Promise<Counts> {
  const all: Counts[] = []
  let before = await bob.child.ask('counts', {})
  for (let each = 0; each < samples; each += 1) {
    await alice.child.ask('send', { conversation, count: 1 })
    const after = await bob.child.ask('counts', {})
    all.push({
      batches: after.batches - before.batches,
      writes: after.writes - before.writes,
      reads: after.reads - before.reads,
    })
    before = after
  }
  const middle = (kind: keyof Counts): number => median(all.map((each) => each[kind]))
  return { batches: middle('batches'), writes: middle('writes'), reads: middle('reads') }
}

export const arrival: Row = {
  name: 'arrival',
  about: "operations of the receiver's store per message with a long history, against a short one",
  async run(bench) {
    const [short, long] = bench.scale.histories
    const pair = await linkedPair(bench)
    await warmUp(pair)
    const { alice, conversation } = pair
    await alice.child.ask('flood', { conversation, count: short, acked: true })
    const before = await perMessage(pair)
    await alice.child.ask('flood', { conversation, count: long - short, acked: true })
    const after = await perMessage(pair)
    return kinds.map((kind): Figure => ({
      name: `${kind}, ${long} messages after ${short}`,
      unit: 'operations',
      floor: before[kind],
      measured: after[kind],
      budget: { is: 'times', value: 1 },
    }))
  },
}
