import { readFileSync } from 'node:fs'
import t from 'tap'
import { limits } from '../../protocol/limits.ts'
import { namesOf, unproven } from './limits.ts'
import { readFolder } from './source-files.ts'

const source = readFileSync(new URL('../../protocol/limits.ts', import.meta.url), 'utf8')
const tests = readFolder('test').filter(({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/meta/'))

t.test('every limit is proven: the last value that is allowed works, the next one fails', async (t) => {
  t.strictSame(namesOf(source), Object.keys(limits))
  t.strictSame(unproven(namesOf(source), tests), [])
})

t.test('a limit that is added is found to be without a proof', async (t) => {
  const more = namesOf(source.replace('} as const', '  planted: 7,\n} as const'))
  t.equal(more.length, namesOf(source).length + 1)
  t.match(unproven(more, tests).at(-1), /limits\.planted at its boundary/)
})

t.test('every proof counts for itself: without it, its limit is found', async (t) => {
  for (const name of namesOf(source)) {
    // No other file can prove it.
    const speaking = tests.filter(({ text }) => text.includes(`'${name}'`))
    const fewer = speaking.map(({ path, text }) => ({ path, text: text.replaceAll(`'${name}'`, "'another'") }))
    t.ok(unproven([name], speaking).length === 0, `${name} is proven there`)
    t.equal(unproven([name], fewer).length, 1, name)
  }
})

const header = "import { boundary, lasts, upTo } from '../limits/boundary.ts'\n"
const isProven = (text: string, path = 'test/daemon/a.test.ts'): boolean =>
  unproven(['one'], [{ path, text }]).length === 0

t.test('what looks like a proof and is none', async (t) => {
  t.ok(isProven(`${header}await upTo(t, 'one', read)`))
  t.ok(isProven(`${header}await lasts(t, 'one', ends)`))
  t.ok(isProven(`${header}await boundary(\n  t,\n  'one',\n  () => read(limits.one), next)`))
  t.ok(isProven(`${header.replace('../', './')}await upTo(t, 'one', read)`, 'test/a.test.ts'))
  const none = {
    'a mention': `${header}read(limits.one + 1)`,
    'another limit': `${header}await upTo(t, 'oneMore', read)`,
    'a comment': `${header}// await upTo(t, 'one', read)\n/* upTo(t, 'one', read) */`,
    'attempts without the limit': `${header}await boundary(t, 'one', () => read(7), () => read(limits.oneMore))`,
    'no import': "await upTo(t, 'one', read)",
    'an import from elsewhere': `${header.replace('../limits', './limits')}await upTo(t, 'one', read)`,
    'an import of something else': "import { upTo } from '../limits/boundary.ts'\nawait lasts(t, 'one', ends)",
    'a function of another name': `${header}await notUpTo(t, 'one', read)\nawait other.upTo(t, 'one', read)`,
    'a name that is worked out': `${header}for (const name of ['one']) await upTo(t, name, read)`,
  }
  for (const [what, text] of Object.entries(none)) t.notOk(isProven(text), what)
})
