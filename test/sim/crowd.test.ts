/** A large group over the real rooms comes to one state, whatever broke; ends are exact, and who is out reads nothing more. */

import t, { type Test } from 'tap'
import { crowdFaults } from './crowd-faults.ts'
import { live } from './crowd-life.ts'
import { CrowdSimulation, type CrowdSize } from './crowd-simulation.ts'

/** The long form: WARREN_CROWD_ROOMS=500. */
const most = Number(process.env['WARREN_CROWD_ROOMS'] ?? 0)
const firstSeed = Number(process.env['WARREN_CROWD_FIRST'] ?? 1)
const seeds = Number(process.env['WARREN_CROWD_SEEDS'] ?? 1)
const small: CrowdSize = { persons: 6, devices: 4, links: 3 }
const size: CrowdSize = most === 0 ? small : { persons: Math.ceil(most / 10), devices: 10, links: 6 }

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

t.setTimeout(most === 0 ? 120_000 * seeds : 3_600_000)

t.test(`${size.persons * size.devices} devices of ${size.persons} persons`, async (t) => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const simulation = new CrowdSimulation(seed, size)
    const minutes = await live(simulation, seed)
    const { devices, removed, letIn, said } = simulation
    t.strictSame(await crowdFaults(simulation), [], `seed ${seed}`)
    t.strictSame([removed.size, letIn.size], [2, 1], 'two were removed, one is in again')
    const frames = devices.map(({ work }) => work.frames)
    const bytes = devices.map(({ work }) => work.bytes)
    t.comment(
      `seed ${seed}: ${said.length} texts, healed within ${minutes} minutes; a device sent ${Math.round(sum(frames) / devices.length)} frames, ` +
        `at most ${Math.max(...frames)}, and ${Math.round(sum(bytes) / devices.length / 1024)} KiB, at most ${Math.round(Math.max(...bytes) / 1024)}`,
    )
    if (seed === firstSeed) await isFound(t, simulation)
    await simulation.stop()
  }
})

/** What would be wrong is found. */
async function isFound(t: Test, simulation: CrowdSimulation): Promise<void> {
  const [one] = simulation.present()
  const [text] = one === undefined ? [] : await one.shown(simulation.group)
  const last = simulation.said.at(-1)
  if (one === undefined || text === undefined || last === undefined) throw new Error('nothing was said')
  const [author = one] = simulation.devices.filter((each) => each !== one)
  simulation.said.push({ text: text.text, by: author, out: new Set([one.device]), id: text.id })
  one.work.entries += 1_000_000
  last.by.complaints.push('something else')
  const faults = (await crowdFaults(simulation)).join()
  for (const expected of [/texts that are not for them/, /sent \d+ entries/, /something else/])
    t.match(faults, expected)
}
