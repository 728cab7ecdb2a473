/** Trying again, alike for every push service: a few times, further and further apart, and never sooner than was asked for. */

import type { PushOutcome } from './provider.ts'
import { pushLimits, retryDelayMs, wait, type Timers } from './waiting.ts'

/** What one try may come to besides an outcome: worth another one, perhaps after a while that the other side named. */
export interface Again {
  readonly is: 'again'
  readonly afterMs: number | undefined
}

export interface TriesDeps {
  readonly timers: Timers
  /** From 0 up to 1. */
  readonly random: () => number
}

/** Servers that asked not to be asked for a while. That is everybody's affair, not only that of the push that heard it. */
export class Quiet {
  readonly #timers: Timers
  /** Epoch milliseconds, by server. */
  readonly #until = new Map<string, number>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** How long still; 0 or less if it may be asked. */
  leftMs(server: string): number {
    return (this.#until.get(server) ?? 0) - this.#timers.now()
  }

  keep(server: string, ms: number): void {
    const now = this.#timers.now()
    for (const [each, until] of this.#until) if (until <= now) this.#until.delete(each)
    // There are fewer push services than that; names under a wildcard must not fill the memory.
    if (this.#until.size >= pushLimits.quietServers) return
    this.#until.set(server, Math.max(this.#until.get(server) ?? 0, now + ms))
  }
}

export const later = (retryAfterMs: number = pushLimits.laterMs): PushOutcome => ({ is: 'later', retryAfterMs })

/** Calls `attempt` until it comes to something else than another try, or it is not worth one any more. */
export async function tryAgain<T extends { readonly is: string }>(
  attempt: () => Promise<T | Again>,
  server: string,
  quiet: Quiet,
  { timers, random }: TriesDeps,
  signal: AbortSignal,
): Promise<T | PushOutcome> {
  for (let tries = 1; ; tries += 1) {
    const quietMs = quiet.leftMs(server)
    if (quietMs > pushLimits.patienceMs) return later(quietMs)
    if (quietMs > 0 && !(await wait(timers, quietMs, signal))) return later()
    const outcome = await attempt()
    if (!isAgain(outcome)) return outcome
    const { afterMs } = outcome
    if (afterMs !== undefined) quiet.keep(server, afterMs)
    if (tries >= pushLimits.tries || signal.aborted) return later(afterMs)
    if (afterMs === undefined && !(await wait(timers, retryDelayMs(tries, random), signal))) return later()
  }
}

const isAgain = (outcome: { readonly is: string }): outcome is Again => outcome.is === 'again'
