/** What the push server costs: a wake, from the socket to the push service, and a row. */

import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { encodeWakeBody } from '../../../protocol/wake.ts'
import type { Bench, Row } from '../bench.ts'
import { Child } from '../child.ts'
import { capabilityOf, type PnJobs } from '../pn-jobs.ts'
import { sendRequests } from '../pn-requests.ts'
import { median } from '../statistics.ts'

type Server = Child<PnJobs>

const program = fileURLToPath(new URL('../pn-process.ts', import.meta.url))
const mib = 1024 * 1024
const rowsAtOnce = 2000
/** As many as one capability may in ten minutes. */
const wakesEach = 3

async function fill(server: Server, rows: number, awake: number): Promise<void> {
  for (let from = 0; from < rows; from += rowsAtOnce) {
    await server.ask('fill', { from, rows: Math.min(rowsAtOnce, rows - from), awake })
  }
}

async function started(bench: Bench, isFloor: boolean): Promise<{ server: Server; port: number }> {
  const server: Server = bench.keep(new Child<PnJobs>(program))
  return { server, port: await server.ask('start', { folder: bench.path('pnserver'), isFloor }) }
}

const wakeOf = (number: number): Uint8Array =>
  encodeWakeBody({
    capability: capabilityOf(number),
    class: 'message',
    sentAt: Date.now(),
    nonce: new Uint8Array(randomBytes(16)),
    note: new Uint8Array(randomBytes(160)),
  })

/** Wakes a second that one core could serve: by what the process took of the processor, and not by the clock. */
async function perCore(
  { server, port }: { server: Server; port: number },
  from: number,
  count: number,
): Promise<number> {
  const bodies = Array.from({ length: count }, (_, at) => wakeOf(Math.floor((from + at) / wakesEach)))
  const before = await server.ask('usage', {})
  await sendRequests(port, bodies)
  await server.ask('settled', {})
  const after = await server.ask('usage', {})
  return count / ((after.cpuMicros - before.cpuMicros) / 1e6)
}

export const wakes: Row = {
  name: 'wakes',
  about:
    'wakes that a push server serves, and what it keeps in memory for its rows, against bare HTTP and a bare LevelDB',
  async run(bench) {
    const { rounds } = bench.scale
    const { sent, rows } = bench.scale.wakes
    const both = [await started(bench, true), await started(bench, false)] as const
    const awake = Math.ceil((sent * (rounds + 1)) / wakesEach)
    const memory: number[] = []
    for (const { server } of both) {
      const before = await server.ask('usage', {})
      await fill(server, rows, awake)
      const after = await server.ask('usage', {})
      memory.push((after.rssBytes - before.rssBytes) / mib)
    }
    const rates: [floor: number[], measured: number[]] = [[], []]
    for (let round = 0; round <= rounds; round += 1) {
      for (const at of [0, 1] as const) {
        const rate = await perCore(both[at], round * sent, sent)
        // The first round warms both up.
        if (round > 0) rates[at].push(rate)
      }
    }
    const pushed = await both[1].server.ask('settled', {})
    if (pushed !== sent * (rounds + 1)) throw new Error(`${pushed} of ${sent * (rounds + 1)} wakes became a push`)
    return [
      {
        name: 'a second and core',
        unit: '/s',
        floor: median(rates[0]),
        measured: median(rates[1]),
        budget: { is: 'least', value: 2000 },
      },
      {
        name: `memory for ${rows} rows`,
        unit: 'MB',
        floor: Math.max(0, memory[0] ?? 0),
        measured: Math.max(0, memory[1] ?? 0),
        budget: { is: 'most', value: 60 },
      },
    ]
  },
}
