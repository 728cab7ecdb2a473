/** Two contacts on one LAN find each other by mDNS alone. */

import type { Bench, Row } from '../bench.ts'
import { Skipped } from '../bench.ts'
import { spawnFloor } from '../floors/floor-process.ts'
import { createNamespaces } from '../namespaces.ts'
import { copyHome, linkedPair, startDaemon, warmUp } from '../pair.ts'
import { median } from '../statistics.ts'

type Wrappers = readonly [readonly string[] | undefined, readonly string[] | undefined]

const mostMs = 15_000

async function within<T>(waiting: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Skipped('nobody is found by mDNS here: multicast does not get through')),
    mostMs,
  )
  try {
    return await Promise.race([waiting, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** From the moment at which the second one says that it is up; both have new ports, which only mDNS tells. */
async function daemons(bench: Bench, homes: readonly [string, string], [a, b]: Wrappers): Promise<number> {
  const start = async (home: string, wrapper: readonly string[] | undefined) =>
    await startDaemon(bench, copyHome(bench, home), { flags: [], ...(wrapper === undefined ? {} : { wrapper }) })
  const alice = await start(homes[0], a)
  const bob = await start(homes[1], b)
  const upAt = Date.now()
  const linkedAt = Math.max(...(await within(Promise.all([alice, bob].map((each) => each.child.ask('linkedAt', {}))))))
  await Promise.all([alice.stop(), bob.stop()])
  return Math.max(0, linkedAt - upAt)
}

async function bareNodes(bench: Bench, [a, b]: Wrappers): Promise<number> {
  const nodes = [a, b].map((wrapper) => spawnFloor(bench, wrapper === undefined ? {} : { wrapper }))
  let upAt = 0
  for (const node of nodes) {
    await node.ask('start', { folder: bench.path('floor'), mdns: true })
    upAt = Date.now()
  }
  const linkedAt = Math.max(...(await within(Promise.all(nodes.map((each) => each.ask('linkedAt', {}))))))
  await Promise.all(nodes.map((each) => each.stop()))
  return Math.max(0, linkedAt - upAt)
}

export const discovery: Row = {
  name: 'discovery',
  about: 'from both up to linked by mDNS, against bare libp2p nodes with mDNS up to connected',
  async run(bench) {
    const pair = await linkedPair(bench)
    await warmUp(pair)
    await Promise.all([pair.alice.stop(), pair.bob.stop()])
    const namespaces = createNamespaces()
    if (namespaces === undefined) {
      bench.note(
        'discovery: measured on the host, since network namespaces need root; other devices of this LAN take part',
      )
    } else bench.keep(namespaces)
    const inside: Wrappers = namespaces?.inside ?? [undefined, undefined]
    const floor: number[] = []
    const measured: number[] = []
    for (let round = 0; round < bench.scale.rounds; round += 1) {
      floor.push(await bareNodes(bench, inside))
      measured.push(await daemons(bench, [pair.alice.home, pair.bob.home], inside))
    }
    return [
      {
        name: 'both up to linked',
        unit: 'ms',
        floor: median(floor),
        measured: median(measured),
        budget: { is: 'most', value: 500 },
      },
    ]
  },
}
