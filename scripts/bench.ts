/** Measures what was promised, each figure beside its floor: `make bench`, or `node scripts/bench.ts --help`. */

import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { Bench, Skipped, type Row } from './bench/bench.ts'
import { judge, type Judged } from './bench/figure.ts'
import { heading, summary, table } from './bench/print.ts'
import { arrival } from './bench/rows/arrival.ts'
import { catchUp } from './bench/rows/catch-up.ts'
import { dial } from './bench/rows/dial.ts'
import { discovery } from './bench/rows/discovery.ts'
import { file } from './bench/rows/file.ts'
import { idle } from './bench/rows/idle.ts'
import { crowdRow } from './bench/rows/crowd.ts'
import { joinGroup } from './bench/rows/join.ts'
import { page } from './bench/rows/page.ts'
import { phone } from './bench/rows/phone.ts'
import { pipelined } from './bench/rows/pipelined.ts'
import { roster } from './bench/rows/roster.ts'
import { send } from './bench/rows/send.ts'
import { start } from './bench/rows/start.ts'
import { wakes } from './bench/rows/wakes.ts'
import { scales, type Scale } from './bench/scale.ts'

const rows: readonly Row[] = [
  send,
  pipelined,
  catchUp,
  file,
  dial,
  discovery,
  start,
  idle,
  arrival,
  page,
  roster,
  crowdRow,
  joinGroup,
  wakes,
  phone,
]

const help = `usage: node scripts/bench.ts [--json] [--quick] [--tiny] [--tighter N] [row…]

  --json       one JSON document instead of a table
  --quick      smaller, about a minute
  --tiny       only proves that the bench works: its numbers mean nothing
  --tighter N  budgets N times harder to keep

${rows.map(({ name, about }) => `  ${name.padEnd(11)}  ${about}`).join('\n')}
`

interface Options {
  readonly json: boolean
  readonly scale: Scale
  readonly tighter: number
  readonly rows: readonly Row[]
}

/** Throws a TypeError that says what is wrong. */
function readOptions(words: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      tighter: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  const unknown = positionals.find((each) => rows.every(({ name }) => name !== each))
  const tighter = Number(values.tighter)
  if (unknown !== undefined) throw new TypeError(`there is no row ${unknown}: see --help`)
  if (!(tighter > 0)) throw new TypeError('--tighter takes a number above 0')
  if (values.help) return undefined
  const chosen = positionals.length === 0 ? rows : rows.filter(({ name }) => positionals.includes(name))
  const scale = values.tiny ? scales.tiny : values.quick ? scales.quick : scales.full
  return { json: values.json, scale, tighter, rows: chosen }
}

interface Report {
  readonly figures: Judged[]
  readonly skipped: { readonly row: string; readonly why: string }[]
  readonly notes: string[]
}

/** A row that fails is reported and the others go on: a bench is no test. */
async function runRow(row: Row, { scale, tighter, json }: Options, report: Report): Promise<void> {
  const bench = new Bench(scale)
  // Daemons, folders and namespaces do not outlive a bench that is broken off.
  const breakOff = (): void => void bench.close().finally(() => process.exit(1))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, breakOff)
  try {
    const figures = (await row.run(bench)).map((figure) => judge(row.name, figure, tighter))
    report.figures.push(...figures)
    if (!json) process.stdout.write(table(figures))
  } catch (error) {
    const why =
      error instanceof Skipped ? error.message : `failed: ${error instanceof Error ? error.message : String(error)}`
    report.skipped.push({ row: row.name, why })
    if (!json) process.stdout.write(`${row.name}: ${why}\n`)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, breakOff)
    await bench.close()
    report.notes.push(...bench.notes)
  }
}

async function main(options: Options): Promise<void> {
  const began = performance.now()
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    node: process.version,
    scale: options.scale.name,
  }
  const report: Report = { figures: [], skipped: [], notes: [] }
  if (!options.json) process.stdout.write(heading(machine))
  for (const row of options.rows) await runRow(row, options, report)
  const seconds = Math.round((performance.now() - began) / 1000)
  const over = report.figures.filter(({ ok }) => !ok).map(({ row, name }) => `${row}: ${name}`)
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, seconds, ...report, over }, null, 2)}\n`)
  else
    process.stdout.write(summary({ notes: report.notes, missing: report.skipped.map(({ row }) => row), over, seconds }))
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) process.stdout.write(help)
  else await main(options)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
