/** Slows down whoever guesses: one attempt at a time, and a growing wait after wrong ones. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'

const tooSoon = (retryAfterMs: number): WarrenError =>
  new WarrenError('RATE_LIMITED', `too many attempts: wait ${Math.ceil(retryAfterMs / 1000)} s`, {
    details: { retryAfterMs },
  })

export class Attempts {
  readonly #now: () => number
  #wrong = 0
  #nextAt = 0
  #isBusy = false

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Runs an attempt, which says by WRONG_PASSPHRASE that it failed. Rejects with RATE_LIMITED, and as the attempt does. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    const waitMs = this.#nextAt - this.#now()
    // A clock that was set back must not shut the owner out.
    if (waitMs > 0 && waitMs <= limits.unlockMostWaitMs) throw tooSoon(waitMs)
    if (this.#isBusy) throw tooSoon(limits.unlockFirstWaitMs)
    this.#isBusy = true
    try {
      const result = await attempt()
      this.#wrong = 0
      return result
    } catch (error) {
      if (errorCode(error) === 'WRONG_PASSPHRASE') this.#failed()
      throw error
    } finally {
      this.#isBusy = false
    }
  }

  #failed(): void {
    this.#wrong += 1
    const over = this.#wrong - limits.unlockFreeTries
    if (over < 0) return
    this.#nextAt = this.#now() + Math.min(limits.unlockMostWaitMs, limits.unlockFirstWaitMs * 2 ** Math.min(over, 30))
  }
}
