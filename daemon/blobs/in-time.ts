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
  const callOff = timers.after(ms, () => ending.abort(silence()))
  try {
    return await work(ending.signal)
  } finally {
    callOff()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Many waits for one device, one after the other: each has its time, and all have one signal, which costs less than one each. */
export class Waits {
  readonly #timers: Timers
  readonly #ms: number
  readonly #outer: AbortSignal
  readonly #ending = new AbortController()

  /** `signal` ends all of them, also one that says so already. */
  constructor(timers: Timers, ms: number, signal: AbortSignal) {
    this.#timers = timers
    this.#ms = ms
    this.#outer = signal
    signal.addEventListener('abort', this.#onAbort, { once: true })
    if (signal.aborted) this.#onAbort()
  }

  readonly #onAbort = (): void => this.#ending.abort(this.#outer.reason)

  readonly #onSilence = (): void => this.#ending.abort(silence())

  /** As inTime(). Once one wait was too long, so are all that follow. */
  async for<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#ending
    signal.throwIfAborted()
    const callOff = this.#timers.after(this.#ms, this.#onSilence)
    try {
      return await work(signal)
    } finally {
      callOff()
    }
  }

  close(): void {
    this.#outer.removeEventListener('abort', this.#onAbort)
  }
}

const silence = (): WarrenError => new WarrenError('TIMED_OUT', 'the other device fell silent')
