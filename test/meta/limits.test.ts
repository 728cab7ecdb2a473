import { readFileSync } from 'node:fs'
import t from 'tap'
import { limits } from '../../protocol/limits.ts'
import { namesOf, provenIn, unproven } from './limits.ts'
import { readFolder } from './source-files.ts'

const tests = readFolder('test').filter(({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/meta/'))
const names = namesOf(readFileSync(new URL('../../protocol/limits.ts', import.meta.url), 'utf8'))

t.test('every limit is proven: the last value that is allowed works, the next one fails', async (t) => {
  t.strictSame(names, Object.keys(limits))
  t.strictSame(unproven(names, tests, provenIn), [])
})

t.test('a limit without a proof is found, and a proof without a limit', async (t) => {
  const planted = [{ path: 'test/a.test.ts', text: "await boundary(t, 'one', last, next)\nlimits.two + 1" }]
  t.strictSame(unproven(['one', 'two'], planted, { two: 'test/a.test.ts' }), [])
  t.equal(unproven(['one', 'three'], planted, {}).length, 1)
  t.equal(unproven(['one', 'three'], planted, { three: 'test/a.test.ts' }).length, 1)
  t.equal(unproven(['one', 'three'], planted, { three: 'test/b.test.ts' }).length, 1)
  t.equal(unproven(['one'], planted, { two: 'test/a.test.ts' }).length, 1)
})
