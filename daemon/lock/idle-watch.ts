/** Notices that the owner has been away for a while, by the clock on the wall: it also counts while the machine sleeps. */

import type { Timers } from '../timers.ts'

const lookEveryMs = 5000

export class IdleWatch {
  readonly #timers: Timers
  readonly #onIdle: () => void
  #minutes = 0
  #lastAt = 0
  #stop: (() => void) | undefined

  constructor(timers: Timers, onIdle: () => void) {
    this.#timers = timers
    this.#onIdle = onIdle
  }

  /** 0: never. Begins to count anew. */
  start(minutes: number): void {
    this.stop()
    this.#minutes = minutes
    this.touch()
    if (minutes > 0) this.#lookLater()
  }

  stop(): void {
    this.pause()
    this.#minutes = 0
  }

  /** Looks no more until goOn(); the time goes on. */
  pause(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  goOn(): void {
    if (this.#minutes > 0 && this.#stop === undefined) this.#lookLater()
  }

  /** The time is over, whether or not anybody looked. */
  isOver(): boolean {
    if (this.#minutes === 0) return false
    const now = this.#timers.now()
    // A clock that was set back would keep the home open for longer than was asked.
    if (now < this.#lastAt) this.#lastAt = now
    return now - this.#lastAt >= this.#minutes * 60_000
  }

  /** The owner did something. Comes after look(): what they do after the time is over does not count. */
  touch(): void {
    this.#lastAt = this.#timers.now()
  }

  /** Calls `onIdle` if the time is over. */
  look(): void {
    if (!this.isOver()) return
    this.stop()
    this.#onIdle()
  }

  #lookLater(): void {
    this.#stop = this.#timers.after(lookEveryMs, () => {
      this.#lookLater()
      this.look()
    })
  }
}
