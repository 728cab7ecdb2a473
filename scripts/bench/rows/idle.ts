/** What a daemon costs that has links and nothing to do. */

import { readFileSync } from 'node:fs'
import type { Bench, Row } from '../bench.ts'
import { befriend } from '../contacts.ts'
import { spawnFloor } from '../floors/floor-process.ts'
import { startDaemon } from '../pair.ts'

interface Usage {
  readonly rssBytes: number
  readonly cpuMicros: number
}

const mib = 1024 * 1024

/** What the kernel says of a process: proc(5), with its clock of 100 ticks a second. */
function procUsage(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name may hold spaces and parentheses; the fields behind it do not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])
  return { rssBytes: kib * 1024, cpuMicros: (Number(fields[11]) + Number(fields[12])) * 10_000 }
}

/** Starts the neighbours in turn, or their starts would be what is measured. */
async function linkedHub(bench: Bench): Promise<() => Promise<Usage>> {
  const hub = await startDaemon(bench, bench.path('hub'), { bundled: process.platform === 'linux' })
  for (let each = 0; each < bench.scale.links; each += 1) {
    const neighbour = await startDaemon(bench, bench.path('neighbour'))
    await befriend(neighbour.client, hub.client)
  }
  return async () => (process.platform === 'linux' ? procUsage(hub.child.pid) : await hub.child.ask('usage', {}))
}

async function bareHub(bench: Bench): Promise<() => Promise<Usage>> {
  const [hub, other] = [spawnFloor(bench), spawnFloor(bench)]
  const to = await hub.ask('start', { folder: bench.path('hub') })
  await other.ask('start', { folder: bench.path('other') })
  await other.ask('connect', { to: Array.from({ length: bench.scale.links }, () => to) })
  return async () => await hub.ask('usage', {})
}

const wait = async (seconds: number): Promise<void> => {
  await new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })
}

export const idle: Row = {
  name: 'idle',
  about: 'memory and CPU of a daemon with links and nothing to do, against a bare libp2p node with as many connections',
  async run(bench) {
    const { idleSeconds, links } = bench.scale
    const hubs = [await bareHub(bench), await linkedHub(bench)] as const
    // What starting left behind is collected and over by then.
    await wait(idleSeconds)
    const before = await Promise.all(hubs.map(async (usage) => await usage()))
    await wait(idleSeconds)
    const after = await Promise.all(hubs.map(async (usage) => await usage()))
    const cpu = (at: 0 | 1): number =>
      (((after[at]?.cpuMicros ?? Number.NaN) - (before[at]?.cpuMicros ?? 0)) / (idleSeconds * 1e6)) * 100
    const rss = (at: 0 | 1): number => (after[at]?.rssBytes ?? Number.NaN) / mib
    return [
      {
        name: `RSS, ${links} links`,
        unit: 'MB',
        floor: rss(0),
        measured: rss(1),
        budget: { is: 'most', value: 130 },
      },
      { name: `CPU, ${links} links`, unit: '%', floor: cpu(0), measured: cpu(1), budget: { is: 'most', value: 1 } },
    ]
  },
}
