/** A short soak from one seed, as `make soak` runs it for an hour; and that its judge can find fault. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { faultsOf } from '../../scripts/soak/report.ts'
import { makePlan } from '../../scripts/soak/plan.ts'
import { createRandom } from '../../scripts/soak/random.ts'
import type { SoakReport } from '../../scripts/soak/run-soak.ts'
import { judge } from '../../scripts/soak/verdict.ts'

t.setTimeout(300_000)

const said = (...texts: string[]): { text: string; lane: string }[] =>
  texts.map((text) => ({ text, lane: text.slice(0, 1) }))
const good = { sent: 3, delivered: 3, lost: 0, doubled: 0, reordered: 0 }

t.test('the judge sees what is lost, doubled, moved and made up', async (t) => {
  const three = said('a1', 'b1', 'a2')
  t.strictSame(
    judge(three, [
      ['a1', 'a2', 'b1'],
      ['a1', 'a2', 'b1'],
    ]),
    good,
    'other lanes may stand between',
  )
  t.match(
    judge(three, [
      ['a1', 'b1', 'a2'],
      ['a1', 'b1'],
    ]),
    { delivered: 2, lost: 1, doubled: 0 },
  )
  t.match(
    judge(three, [
      ['a1', 'b1', 'a2'],
      ['a1', 'b1', 'a2', 'b1'],
    ]),
    { lost: 0, doubled: 1 },
  )
  t.match(
    judge(three, [
      ['a1', 'b1', 'a2'],
      ['a1', 'b1', 'a2', 'c1'],
    ]),
    { lost: 0, doubled: 1 },
  )
  t.match(
    judge(three, [
      ['a2', 'b1', 'a1'],
      ['a2', 'b1', 'a1'],
    ]),
    { lost: 0, doubled: 0, reordered: 1 },
  )
  t.match(
    judge(three, [
      ['a1', 'b1', 'a2'],
      ['a1', 'a2', 'b1'],
    ]),
    { lost: 0, doubled: 0, reordered: 2 },
  )
})

const planOf = (seed: number): ReturnType<typeof makePlan> =>
  makePlan(createRandom(seed), {
    members: 5,
    lastsMs: 600_000,
    everyMs: 1000,
    mostHoldMs: 20_000,
    troubles: ['kill', 'end', 'freeze', 'part', 'unplug'],
  })

t.test('a plan is the same for the same seed, and spares the first from death', async (t) => {
  const plan = planOf(7)
  t.equal(JSON.stringify(planOf(7)), JSON.stringify(plan))
  t.not(JSON.stringify(planOf(8)), JSON.stringify(plan))
  t.strictSame(
    plan.filter(({ who, trouble }) => who === 0 && (trouble === 'kill' || trouble === 'end')),
    [],
  )
  t.strictSame(
    plan.filter(({ who, other }) => who === other || other > 4),
    [],
  )
})

t.test('five daemons under trouble lose, double and move nothing', async (t) => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const minutes = process.env['WARREN_LONG'] === '1' ? '10' : '0.4'
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/soak.ts', '--json'], {
    cwd: new URL('../..', import.meta.url),
    env: { ...env, SOAK_MINUTES: minutes, SOAK_SEED: '20261120', SOAK_RATE: '60' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString('utf8')))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString('utf8')))
  const [code] = (await once(child, 'close')) as [number | null]
  t.equal(code, 0, stderr)
  const report = JSON.parse(stdout) as SoakReport & { faults: string[] }
  t.strictSame(report.faults, [])
  t.ok(report.sent > 300, `${report.sent} sent`)
  t.ok(Object.values(report.troubles).reduce((sum, each) => sum + each, 0) >= 10, JSON.stringify(report.troubles))
  t.comment(JSON.stringify(report))
  const broken = { ...report, lost: 1, crashes: ['alice: '], complaints: { oops: 2 } }
  t.equal(faultsOf(broken).length, 3, 'faults are told')
})
