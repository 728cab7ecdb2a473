import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { deadLinks, deadPaths, splitTables, wrongDecisions } from './documents.ts'
import { readFolder, readTop } from './source-files.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))
const exists = (path: string): boolean => existsSync(posix.join(top, path))
const documents = [...readFolder('docs'), ...readTop()].filter(({ path }) => path.endsWith('.md'))

t.test('tests, scripts and pages that a document names are there', async (t) => {
  t.ok(documents.length > 15)
  t.strictSame(deadPaths(documents, exists), [])
  const text = 'shown by `test/no/such.test.ts`, `scripts/nothing.ts`, `docs/gone.md`, `build/x.ts` and `test/x`.'
  t.equal(deadPaths([{ path: 'docs/x.md', text }], exists).length, 3)
})

t.test('links between documents lead somewhere, to the right heading too', async (t) => {
  t.strictSame(deadLinks(documents, exists), [])
  const one = {
    path: 'docs/one.md',
    text: '# One\n\n[a](two.md#who-can-see-what) [b](two.md#not) [c](three.md) [d](#one) [e](#two)',
  }
  const two = {
    path: 'docs/two.md',
    text: '## Who can see what?\n[out](https://example.org/x.md) [up](../docs/one.md)',
  }
  t.strictSame(
    deadLinks([one, two], (path) => path === 'docs/one.md' || path === 'docs/two.md'),
    ['docs/one.md: two.md#not', 'docs/one.md: three.md', 'docs/one.md: #two'],
  )
})

t.test('no blank line cuts a table in two', async (t) => {
  t.strictSame(splitTables(documents), [])
  const text = '| a |\n|---|\n| 1 |\n\n| 2 |\n\n| b |\n|---|\n'
  t.strictSame(splitTables([{ path: 'docs/x.md', text }]), ['docs/x.md:4'])
})

t.test('each decision has a number of its own, and those that are named are there', async (t) => {
  t.strictSame(wrongDecisions([...documents, ...readFolder('daemon'), ...readFolder('protocol')]), [])
  const one = { path: 'docs/decisions/0001-one.md', text: 'See decision 0002 and decisions 0001, 0003.' }
  const other = { path: 'docs/decisions/0001-other.md', text: '' }
  t.strictSame(wrongDecisions([one, other]), ['0001', `${one.path}: 0002`, `${one.path}: 0003`])
})
