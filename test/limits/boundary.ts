/** One way to prove a limit: the last value that is allowed works, the next one is refused. */

import type { Test } from 'tap'
import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import type { Limits } from '../../protocol/limits.ts'

/** May throw; false says no. */
type Attempt = () => unknown

/** `refused` is the code with which the next one is refused, or `no` for what answers false. */
export async function boundary(
  t: Test,
  limit: keyof Limits,
  last: Attempt,
  next: Attempt,
  refused: ErrorCode | 'no' = 'TOO_LARGE',
): Promise<void> {
  t.equal(await outcome(last), 'allowed', `${limit}: the last that is allowed`)
  t.equal(await outcome(next), refused, `${limit}: the next`)
}

async function outcome(attempt: Attempt): Promise<string> {
  try {
    return (await attempt()) === false ? 'no' : 'allowed'
  } catch (error) {
    return errorCode(error)
  }
}
