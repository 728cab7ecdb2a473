import t from 'tap'
import { Attempts } from '../../../daemon/lock/attempts.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'

const wrong = async (): Promise<never> => await Promise.reject(new WarrenError('WRONG_PASSPHRASE', 'no'))
const broken = async (): Promise<never> => await Promise.reject(new WarrenError('STORE_DAMAGED', 'no'))
const right = async (): Promise<string> => await Promise.resolve('open')

/** What the daemon says, and how long to wait if it says so. */
async function told(attempts: Attempts, attempt: () => Promise<string>): Promise<string | number> {
  try {
    return await attempts.run(attempt)
  } catch (error) {
    if (!(error instanceof WarrenError)) throw error
    const details = error.details as { retryAfterMs: number } | undefined
    return details?.retryAfterMs ?? error.code
  }
}

t.test('five wrong ones are free, then each makes the next wait longer, up to a minute', async (t) => {
  const clock = { now: 1_000_000 }
  const attempts = new Attempts(() => clock.now)
  /** Whether somebody who is wrong so many times in a row may try once more. */
  const again = async (count: number): Promise<boolean> => {
    const fresh = new Attempts(() => clock.now)
    for (let at = 0; at < count; at += 1) t.equal(await told(fresh, wrong), 'WRONG_PASSPHRASE')
    return (await told(fresh, right)) === 'open'
  }
  await boundary(
    t,
    'unlockFreeTries',
    async () => await again(limits.unlockFreeTries - 1),
    async () => await again(limits.unlockFreeTries),
    'no',
  )
  for (let count = 0; count < limits.unlockFreeTries; count += 1) {
    t.equal(await told(attempts, wrong), 'WRONG_PASSPHRASE')
  }
  /** Whether it is still shut after so long. */
  const isShutAfter = async (ms: number): Promise<boolean> => {
    clock.now += ms
    return typeof (await told(attempts, wrong)) === 'number'
  }
  await boundary(
    t,
    'unlockFirstWaitMs',
    async () => await isShutAfter(limits.unlockFirstWaitMs - 1),
    async () => await isShutAfter(1),
    'no',
  )
  const waits: number[] = []
  for (let count = 0; count < 8; count += 1) {
    const waitMs = await told(attempts, right)
    if (typeof waitMs !== 'number') throw new Error('let in')
    waits.push(waitMs)
    clock.now += waitMs
    t.equal(await told(attempts, wrong), 'WRONG_PASSPHRASE')
  }
  t.strictSame(
    waits,
    [2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000),
  )
  await boundary(
    t,
    'unlockMostWaitMs',
    async () => await isShutAfter(limits.unlockMostWaitMs - 1),
    async () => await isShutAfter(1),
    'no',
  )
  clock.now += limits.unlockMostWaitMs
  t.equal(await told(attempts, right), 'open')
  t.equal(await told(attempts, wrong), 'WRONG_PASSPHRASE', 'the right one begins anew')
  t.equal(await told(attempts, right), 'open')
})

t.test('one at a time: a second is told to wait, and costs no work', async (t) => {
  const attempts = new Attempts(() => 0)
  const { promise, resolve } = Promise.withResolvers<string>()
  const first = attempts.run(async () => await promise)
  let ran = false
  t.equal(
    await told(attempts, async () => {
      ran = true
      return await right()
    }),
    limits.unlockFirstWaitMs,
  )
  t.notOk(ran)
  resolve('open')
  t.equal(await first, 'open')
  t.equal(await told(attempts, right), 'open')
})

t.test(
  'what fails for another reason does not count, nor does a clock that was set back lock anybody out',
  async (t) => {
    const clock = { now: 10_000_000 }
    const attempts = new Attempts(() => clock.now)
    for (let count = 0; count < 20; count += 1) t.equal(await told(attempts, broken), 'STORE_DAMAGED')
    for (let count = 0; count < 5; count += 1) await told(attempts, wrong)
    t.type(await told(attempts, right), 'number')
    clock.now -= 5_000_000
    t.equal(await told(attempts, right), 'open')
  },
)
