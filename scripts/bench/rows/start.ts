/** From the start of the program to the line that says ready. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { homePaths } from '../../../daemon/store/home.ts'
import type { Bench, Row } from '../bench.ts'
import { bigHome } from '../big-home.ts'
import type { Figure } from '../figure.ts'
import { copyHome } from '../pair.ts'
import { median } from '../statistics.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Time to the first line; the program is then told to end, and waited for. */
async function firstLine(program: string, words: readonly string[]): Promise<number> {
  const before = performance.now()
  const child = spawn(program, words, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const line = once(createInterface(child.stdout), 'line')
  const ended = exited.then(() => {
    throw new Error(`${program} ended before it was ready`)
  })
  await Promise.race([line, ended])
  const tookMs = performance.now() - before
  ended.catch(() => undefined)
  child.kill('SIGTERM')
  await exited
  return tookMs
}

const openAndSay =
  "import { Level } from 'level'; await new Level(process.argv[1]).open(); console.log('open'); setInterval(() => {}, 1000)"

const bare = async (database: string): Promise<number> => {
  mkdirSync(database, { recursive: true })
  return await firstLine(process.execPath, ['--input-type=module', '-e', openAndSay, database])
}

const flags = 'start --json --no-open --no-mdns --listen 127.0.0.1 --api-port 0 --peer-port 0'.split(' ')

const daemon = async (home: string): Promise<number> =>
  await firstLine(`${root}scripts/warren`, [...flags, '--home', home])

interface Took {
  readonly floor: number[]
  readonly measured: number[]
}

const figure = (name: string, { floor, measured }: Took): Figure => ({
  name,
  unit: 'ms',
  floor: median(floor),
  measured: median(measured),
  budget: { is: 'most', value: 400 },
})

async function measure(bench: Bench, big: string): Promise<[Took, Took]> {
  const empty: Took = { floor: [], measured: [] }
  const full: Took = { floor: [], measured: [] }
  // The first start strips the types of every file and keeps the result: once after an update, not at each start.
  await daemon(bench.path('first'))
  for (let round = 0; round < bench.scale.rounds; round += 1) {
    empty.floor.push(await bare(bench.path('bare')))
    empty.measured.push(await daemon(bench.path('home')))
    full.floor.push(await bare(homePaths(big).database))
    full.measured.push(await daemon(big))
  }
  return [empty, full]
}

export const start: Row = {
  name: 'start',
  about: 'from the start of the program to ready, against node starting and opening LevelDB',
  async run(bench) {
    const { home: count } = bench.scale
    const big = copyHome(bench, await bigHome(count))
    const [empty, full] = await measure(bench, big)
    return [figure('a new home', empty), figure(`${count} entries`, full)]
  },
}
