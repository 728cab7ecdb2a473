/** The bench measures something in every row, and each of its figures can be over budget. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

interface Figure {
  readonly row: string
  readonly name: string
  readonly floor: number
  readonly measured: number
  readonly ratio: number | null
  readonly budget: string
  readonly ok: boolean
}

interface Report {
  readonly figures: readonly Figure[]
  readonly skipped: readonly { readonly row: string; readonly why: string }[]
  readonly over: readonly string[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const rows = [
  'send',
  'pipelined',
  'catch-up',
  'dial',
  'discovery',
  'start',
  'idle',
  'arrival',
  'page',
  'roster',
  'wakes',
  'phone',
  'crowd',
  'join',
]
/** What a machine may lack: multicast, a browser or the built page. */
const maySkip = ['discovery', 'page']

/** Exits with 0 whatever it finds, or this rejects. */
async function bench(...words: string[]): Promise<string> {
  const run = promisify(execFile)
  const all = ['--disable-warning=ExperimentalWarning', 'scripts/bench.ts', ...words]
  return (await run(process.execPath, all, { cwd: root, maxBuffer: 1e7 })).stdout
}

const report = async (...words: string[]): Promise<Report> =>
  JSON.parse(await bench('--tiny', '--json', ...words)) as Report

// A bound: every row starts processes of its own.
t.setTimeout(900_000)

t.test('every row computes ratios, and all are over budgets that nothing can keep', async (t) => {
  const { figures, skipped, over } = await report('--tighter', '1e12')
  for (const row of rows) {
    const own = figures.filter((each) => each.row === row)
    const why = skipped.find((each) => each.row === row)?.why ?? ''
    const excused = maySkip.includes(row) && why !== '' && !why.startsWith('failed')
    t.test(row, excused ? { skip: why } : {}, (t) => {
      t.equal(why, '')
      t.ok(own.length > 0, 'something is measured')
      for (const { name, floor, measured, ratio, budget, ok } of own) {
        t.ok(floor >= 0 && measured >= 0, `${name}: ${measured} beside a floor of ${floor}`)
        // A floor may round to nothing, as two hosts that have met before both say that they are up.
        if (floor > 0) t.type(ratio, 'number', `${name} has a ratio`)
        const isToldOnly = row === 'send' && name.includes('beside')
        t.match(budget, isToldOnly ? /^-$/ : /^[<>]= .+ (?:x|ms|MB|B|%|\/s|operations)$/)
        t.equal(ok, isToldOnly || measured === 0, `${name} is ${isToldOnly ? 'told' : 'over'}`)
      }
      t.end()
    })
  }
  t.equal(over.length, figures.filter(({ ok }) => !ok).length, 'those over budget are listed')
})

t.test('the table says which budgets are kept', async (t) => {
  const table = await bench('--tiny', '--tighter', '1e-9', 'roster')
  t.match(table, /floor +measured +ratio +budget/)
  t.match(table, /^roster .* ok$/m)
  t.match(table, /every measured figure keeps its budget/)
})

t.test('an unknown row is wrong usage', async (t) => {
  await t.rejects(bench('nothing'), { code: 2, stderr: /there is no row nothing/ })
})
