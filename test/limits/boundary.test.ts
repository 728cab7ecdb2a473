/** The proofs of limits can fail. */

import t, { type Test } from 'tap'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { boundary, lasts, upTo } from './boundary.ts'

/** Takes down what is asserted instead of failing. */
function witness(): { t: Test; passed: () => boolean[] } {
  const results: boolean[] = []
  const equal = (found: unknown, wanted: unknown): boolean => results.push(found === wanted) > 0
  const ok = (value: unknown): boolean => results.push(Boolean(value)) > 0
  return { t: { equal, ok } as unknown as Test, passed: () => results }
}

const most = limits.linkAddresses
/** As a reader with the limit `own` would. */
const reader =
  (own: number, code: 'TOO_LARGE' | 'BAD_LINK' = 'TOO_LARGE') =>
  (count: number) => {
    if (count > own) throw new WarrenError(code, 'too many')
  }

t.test(
  'upTo() and boundary() tell an exact limit from one that is off by one, missing, or refuses otherwise',
  async (t) => {
    const proves = async (attempt: (count: number) => unknown, refused?: 'no'): Promise<boolean[]> => {
      const [one, other] = [witness(), witness()]
      await upTo(one.t, 'linkAddresses', attempt, refused)
      await boundary(
        other.t,
        'linkAddresses',
        () => attempt(most),
        () => attempt(most + 1),
        refused,
      )
      t.strictSame(other.passed(), one.passed())
      return one.passed()
    }
    t.strictSame(await proves(reader(most)), [true, true])
    t.strictSame(await proves(reader(most - 1)), [false, true])
    t.strictSame(await proves(reader(most + 1)), [true, false])
    t.strictSame(await proves(() => undefined), [true, false])
    t.strictSame(await proves(reader(most, 'BAD_LINK')), [true, false])
    t.strictSame(await proves(() => JSON.parse('')), [false, false], 'an error of nobody in particular')
    t.strictSame(await proves(async (count) => await Promise.resolve(count <= most), 'no'), [true, true])
    t.strictSame(await proves(() => false, 'no'), [false, true])
    t.strictSame(await proves(reader(most), 'no'), [true, false])
  },
)

const over = async (sinceMs: number): Promise<boolean[]> => {
  const one = witness()
  await lasts(one.t, 'byeDrainMs', async () => await Promise.resolve(), sinceMs)
  return one.passed()
}

t.test('lasts() tells a wait that is over too early', async (t) => {
  t.strictSame(await over(limits.byeDrainMs), [true])
  t.strictSame(await over(limits.byeDrainMs - 1000), [false])
})
