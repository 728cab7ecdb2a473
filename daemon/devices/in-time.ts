/** Work with a deadline, and waits that a signal ends. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Timers } from '../timers.ts'

/** What `work` comes to. Rejects with TIMED_OUT after `ms`, and with the reason of `signal`; the work's own signal is aborted with that. */
export async function inTime<Result>(
  timers: Timers,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController()
  const callOff = timers.after(ms, () => ending.abort(new WarrenError('TIMED_OUT', 'nothing was said')))
  const either = AbortSignal.any([signal, ending.signal])
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const end = (): void => reject(either.reason)
  either.addEventListener('abort', end, { once: true })
  try {
    either.throwIfAborted()
    return await Promise.race([work(either), aborted])
  } finally {
    callOff()
    either.removeEventListener('abort', end)
  }
}

/** Rejects with the signal's reason if that comes first. */
export async function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const callOff = timers.after(ms, resolve)
  const end = (): void => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    signal.throwIfAborted()
    await promise
  } finally {
    callOff()
    signal.removeEventListener('abort', end)
  }
}
