/**
 * make soak: an hour of messages under trouble. SOAK_MINUTES, SOAK_SEED and SOAK_RATE (messages a second) change it; with --json it
 * prints one JSON document. Exits 1 if anything was lost, doubled or moved, if a daemon ended by itself or if handles leaked.
 */

import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSoak } from './soak/run-soak.ts'
import { faultsOf, reportLines } from './soak/report.ts'

const json = process.argv.includes('--json')
const setting = (name: string, fallback: number): number => {
  const value = Number(process.env[name] ?? fallback)
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is a number`)
  return value
}
const say = (line: string): void => void process.stderr.write(`soak: ${line}\n`)

const folder = mkdtempSync(join(tmpdir(), 'warren-soak-'))
try {
  const report = await runSoak({
    seed: setting('SOAK_SEED', randomInt(2 ** 31)),
    lastsMs: setting('SOAK_MINUTES', 60) * 60_000,
    rate: setting('SOAK_RATE', 50),
    folder,
    report: say,
  })
  const faults = faultsOf(report)
  if (json) process.stdout.write(`${JSON.stringify({ ...report, faults })}\n`)
  else process.stdout.write(`${reportLines(report, faults).join('\n')}\n`)
  if (faults.length > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
