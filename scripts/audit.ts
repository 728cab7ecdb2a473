/** Asks the registry for known flaws of what Warren ships and is built with; fails on one that nobody explained, or if it cannot ask. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { judge, readExceptions, readReport, type Advisory } from './audit/judge.ts'

function ask(...words: string[]): Advisory[] {
  const { stdout } = spawnSync('npm', ['audit', '--json', ...words], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  let report: unknown
  try {
    report = JSON.parse(stdout)
  } catch {
    report = undefined
  }
  const advisories = readReport(report)
  if (advisories === undefined) throw new Error('the registry could not be asked: nothing was checked')
  return advisories
}

try {
  const exceptions = readExceptions(JSON.parse(readFileSync('scripts/audit/exceptions.json', 'utf8')))
  const today = new Date().toISOString().slice(0, 10)
  const { problems, explained } = judge(ask(), ask('--omit=dev'), exceptions, today)
  for (const line of explained) process.stdout.write(`explained: ${line}\n`)
  for (const line of problems) process.stderr.write(`${line}\n`)
  if (problems.length === 0) process.stdout.write('no known flaw that is not explained\n')
  process.exitCode = problems.length > 0 ? 1 : 0
} catch (error) {
  process.stderr.write(`audit: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
