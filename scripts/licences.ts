/** Lists what Warren ships of others with licences, and writes their texts to build; fails on a licence that is not allowed. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listLicences } from './licences/list.ts'

const { packages, problems, texts } = listLicences(fileURLToPath(new URL('..', import.meta.url)))
const out = 'build/third-party-licences.txt'
mkdirSync('build', { recursive: true })
writeFileSync(out, texts)
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(packages)}\n`)
else {
  for (const { name, version, licence } of packages) process.stdout.write(`${name} ${version}: ${licence}\n`)
  process.stdout.write(`\n${packages.length} packages; their texts are in ${out}\n`)
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0
