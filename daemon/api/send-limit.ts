/** How many messages one browser session may send within a minute. */

import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { RetryDetails } from './answer-error.ts'

const minuteMs = 60_000

export class SendLimit {
  readonly #now: () => number
  readonly #sentAt = new Map<string, number[]>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts one send. Throws RATE_LIMITED, whose details say how long to wait. */
  take(session: string): void {
    const now = this.#now()
    const recent = (this.#sentAt.get(session) ?? []).filter((at) => at > now - minuteMs)
    if (recent.length >= limits.sendsPerMinute) {
      const details: RetryDetails = { retryAfterMs: (recent[0] ?? now) + minuteMs - now }
      throw new WarrenError('RATE_LIMITED', `more than ${limits.sendsPerMinute} messages a minute`, { details })
    }
    recent.push(now)
    this.#sentAt.set(session, recent)
  }

  forget(session: string): void {
    this.#sentAt.delete(session)
  }
}
