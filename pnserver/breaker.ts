/** The last bound: all pushes together, whoever caused them. */

const minuteMs = 60_000

/** Lets so many through a minute, and none for the rest of a minute in which there were more. */
export class Breaker {
  readonly #mostAMinute: number
  readonly #onTrip: () => void
  #since = -Infinity
  #count = 0

  constructor(mostAMinute: number, onTrip: () => void) {
    this.#mostAMinute = mostAMinute
    this.#onTrip = onTrip
  }

  /** Whether one more may go. */
  admit(nowMs: number): boolean {
    if (nowMs - this.#since >= minuteMs || nowMs < this.#since) {
      this.#since = nowMs
      this.#count = 0
    }
    this.#count += 1
    if (this.#count === this.#mostAMinute + 1) this.#onTrip()
    return this.#count <= this.#mostAMinute
  }
}
