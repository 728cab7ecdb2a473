/** Who misbehaved, and how long nothing is to do with them: longer each time, forgotten after an hour of peace. */

import { limits } from '../../protocol/limits.ts'

interface Offender {
  readonly strikes: number
  readonly until: number
  readonly lastAt: number
}

/** Offenders remembered; the one longest at peace goes first. */
const mostOffenders = 4096

/** Keys are devices, or blocks of addresses. */
export class Penalties {
  readonly #offenders = new Map<string, Offender>()
  readonly #now: () => number
  readonly #firstMs: number

  /** `now` in milliseconds, of a clock that only goes forward. `firstMs`: the first wait. */
  constructor(now: () => number, firstMs: number) {
    this.#now = now
    this.#firstMs = firstMs
  }

  get size(): number {
    return this.#offenders.size
  }

  /** One more offence. The first `free` ones of a key are remembered but cost nothing. */
  offend(key: string, free = 0): void {
    const now = this.#now()
    const strikes = (this.#known(key)?.strikes ?? 0) + 1
    const counting = strikes - free
    const waitMs = Math.min(limits.penaltyMostMs, this.#firstMs * 2 ** Math.min(30, counting - 1))
    this.#offenders.delete(key)
    this.#offenders.set(key, { strikes, until: counting > 0 ? now + waitMs : now, lastAt: now })
    if (this.#offenders.size <= mostOffenders) return
    const first = this.#offenders.keys().next()
    if (first.done !== true) this.#offenders.delete(first.value)
  }

  /** Milliseconds for which it is still left alone; 0 for others. */
  waitMs(key: string): number {
    return Math.max(0, (this.#known(key)?.until ?? 0) - this.#now())
  }

  #known(key: string): Offender | undefined {
    const known = this.#offenders.get(key)
    if (known === undefined || this.#now() - known.lastAt < limits.penaltyForgetMs) return known
    this.#offenders.delete(key)
    return undefined
  }
}
