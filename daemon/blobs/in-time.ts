/** Waits that have an end. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Timers } from '../timers.ts'

/** Does `work` with a signal that says when `ms` are over, or `signal` says so. Throws TIMED_OUT, and what either throws. */
export async function inTime<T>(
  timers: Timers,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const ending = new AbortController()
  const onAbort = (): void => ending.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const callOff = timers.after(ms, () => ending.abort(new WarrenError('TIMED_OUT', 'the other device fell silent')))
  try {
    return await work(ending.signal)
  } finally {
    callOff()
    signal.removeEventListener('abort', onAbort)
  }
}
