/** Where a long text is cut; without a browser. */

import t from 'tap'
import { foldPoint } from '../../ui/text/fold.ts'

const lines = (count: number): string => Array.from({ length: count }, (_, line) => `line ${line}`).join('\n')

t.test('what fits on a screen is shown whole', async (t) => {
  for (const text of ['', 'Hello', 'é'.repeat(1000), lines(30)]) t.equal(foldPoint(text), undefined)
})

t.test('a longer text is cut between words, or at the end of a line', async (t) => {
  const prose = 'All work and no play makes a dull boy. '.repeat(40)
  const at = foldPoint(prose) ?? 0
  t.match(prose[at], /\s/)
  t.ok(at > 500 && at <= 700, String(at))
  const list = lines(60)
  t.equal(list.slice(0, foldPoint(list)).split('\n').length, 20)
})

t.test('no letter is cut in two, however many code points it has', async (t) => {
  const family = '👨‍👩‍👧‍👦'
  const at = foldPoint(family.repeat(500)) ?? 0
  t.ok(at > 0)
  t.equal(at % family.length, 0)
  t.equal(foldPoint(`a${'\u0301'.repeat(5000)}`), 700, 'one that has no end is')
})
