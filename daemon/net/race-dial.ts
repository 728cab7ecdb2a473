/** Tries several addresses of one device at once, a little apart, and keeps the first that answers (after RFC 8305). */

import { WarrenError } from '../../protocol/errors.ts'
import { mostTelling } from './dial-error.ts'

export interface RaceOptions<A, C> {
  readonly dial: (address: A, signal: AbortSignal) => Promise<C>
  /** Closes a connection that came second. */
  readonly discard: (connection: C) => void
  readonly staggerMs: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * The first connection and its address; the next dial starts after `staggerMs`, or at once when one fails. Throws the most
 * telling failure, TIMED_OUT after `timeoutMs`, or the signal's reason.
 */
export async function raceDial<A, C>(
  addresses: readonly A[],
  options: RaceOptions<A, C>,
): Promise<{ address: A; connection: C }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ address: A; connection: C }>()
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, options.signal])
  const errors: unknown[] = []
  let next = 0
  let settled = false
  let stagger: NodeJS.Timeout | undefined

  const settle = (how: () => void): void => {
    if (settled) return
    settled = true
    clearTimeout(stagger)
    clearTimeout(timeout)
    how()
    over.abort(new WarrenError('TIMED_OUT', 'no answer came in time'))
  }
  const start = (): void => {
    clearTimeout(stagger)
    if (settled || next >= addresses.length) return
    const address = addresses[next] as A
    next += 1
    stagger = setTimeout(start, options.staggerMs)
    options.dial(address, signal).then(
      (connection) => (settled ? options.discard(connection) : settle(() => resolve({ address, connection }))),
      (error: unknown) => {
        errors.push(error)
        if (errors.length === addresses.length) settle(() => reject(mostTelling(errors)))
        else start()
      },
    )
  }
  const timeout = setTimeout(
    () => settle(() => reject(mostTelling([...errors, new WarrenError('TIMED_OUT', 'no answer came in time')]))),
    options.timeoutMs,
  )
  signal.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true })
  if (signal.aborted || addresses.length === 0) {
    settle(() => reject(signal.aborted ? signal.reason : mostTelling([])))
  } else start()
  return await promise
}
