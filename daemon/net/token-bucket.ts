/** Counts what somebody may do: so much at once, and so much a second in the long run. */

export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  #tokens: number
  #filledAt: number

  /** `nowMs`: of a clock that only goes forward. */
  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#tokens = burst
    this.#filledAt = nowMs
  }

  /** Takes `count`, unless fewer than `count` above `reserve` are left. */
  take(count: number, nowMs: number, reserve = 0): boolean {
    if (this.left(nowMs) - reserve < count) return false
    this.#tokens -= count
    return true
  }

  /** Takes `count` whatever is left. Returns the milliseconds until what is owed has come in again; 0 if nothing is. */
  owe(count: number, nowMs: number): number {
    this.#tokens = this.left(nowMs) - count
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#perSecond
  }

  left(nowMs: number): number {
    const come = ((nowMs - this.#filledAt) * this.#perSecond) / 1000
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, come))
    this.#filledAt = Math.max(this.#filledAt, nowMs)
    return this.#tokens
  }

  /** Nothing was taken lately. */
  isFull(nowMs: number): boolean {
    return this.left(nowMs) >= this.#burst
  }
}
