/** A device that was away gets what it missed: the newest page first, then all. */

import type { Bench, Row } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { spawnFloor } from '../floors/floor-process.ts'
import { copyHome, linkedPair, startDaemon, warmUp } from '../pair.ts'
import { median } from '../statistics.ts'

const budgetEntries = 100_000
const newestBudgetMs = 300
const allBudgetMs = 5000
const page = 50
const warmUpMessages = 3

/** Alice, who holds `count` messages, and the home of Bob, who was there for the first few only. */
async function apart(bench: Bench, count: number): Promise<{ bobHome: string; conversation: string }> {
  const pair = await linkedPair(bench)
  await warmUp(pair)
  await pair.bob.stop()
  const { conversation } = pair
  await pair.alice.child.ask('flood', { conversation, count: count - warmUpMessages, acked: false })
  return { bobHome: pair.bob.home, conversation }
}

export const catchUp: Row = {
  name: 'catch-up',
  about: 'what was missed, from the link on, against one signature verified per run and durable batches',
  async run(bench) {
    const { catchUp: count, rounds } = bench.scale
    const { bobHome, conversation } = await apart(bench, count)
    const floorProcess = spawnFloor(bench)
    await floorProcess.ask('start', { folder: bench.path('floor') })
    const floor: { firstMs: number; allMs: number }[] = []
    const measured: { newestMs: number; allMs: number }[] = []
    for (let round = 0; round < Math.min(rounds, 3); round += 1) {
      floor.push(await floorProcess.ask('verify', { count }))
      const bob = startDaemon(bench, copyHome(bench, bobHome))
      const caughtUp = (await bob).child.ask('catchUp', {
        conversation,
        top: count,
        missing: count - warmUpMessages,
        page: Math.min(page, count),
      })
      measured.push(await caughtUp)
      await (await bob).stop()
    }
    return figures(count, floor, measured)
  },
}

function figures(
  count: number,
  floor: readonly { firstMs: number; allMs: number }[],
  measured: readonly { newestMs: number; allMs: number }[],
): Figure[] {
  return [
    {
      name: 'newest page',
      unit: 'ms',
      floor: median(floor.map(({ firstMs }) => firstMs)),
      measured: median(measured.map(({ newestMs }) => newestMs)),
      budget: { is: 'most', value: newestBudgetMs },
    },
    {
      name: `all ${count}`,
      unit: 'ms',
      floor: median(floor.map(({ allMs }) => allMs)),
      measured: median(measured.map(({ allMs }) => allMs)),
      budget: { is: 'most', value: (allBudgetMs * count) / budgetEntries },
    },
  ]
}
