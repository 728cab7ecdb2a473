/** How to prove a limit: the last value that is allowed works, the next one is refused. The meta test knows these names. */

import type { Test } from 'tap'
import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import { limits, type Limits } from '../../protocol/limits.ts'

/** May throw; false says no. */
type Attempt = () => unknown

/** Timers of the operating system may be a little early against another clock. */
const earlyMs = 20

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

/** boundary() of what can be had in any size: as much as the limit says, and one more. */
export async function upTo(
  t: Test,
  limit: keyof Limits,
  attempt: (value: number) => unknown,
  refused: ErrorCode | 'no' = 'TOO_LARGE',
): Promise<void> {
  await boundary(
    t,
    limit,
    () => attempt(limits[limit]),
    () => attempt(limits[limit] + 1),
    refused,
  )
}

/** A wait as it really is: it ends, and not before the limit. `sinceMs`: so long ago it began. */
export async function lasts(t: Test, limit: keyof Limits, ends: () => Promise<unknown>, sinceMs = 0): Promise<void> {
  const begun = performance.now()
  await ends()
  const tookMs = performance.now() - begun + sinceMs
  t.ok(tookMs >= limits[limit] - earlyMs, `${limit}: over after ${Math.round(tookMs)} ms`)
}

async function outcome(attempt: Attempt): Promise<string> {
  try {
    return (await attempt()) === false ? 'no' : 'allowed'
  } catch (error) {
    return errorCode(error)
  }
}
