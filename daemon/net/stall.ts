/** Notices a peer that begins a frame and does not end it, or takes nothing of what waits for it, and ends its link. */

import type { Times } from './times.ts'

export interface StallDeps {
  /** A part of a frame is here and waits for the rest. */
  readonly isWithinFrame: () => boolean
  /** Bytes that wait to be taken, and how often some were. */
  readonly backlog: () => number
  readonly taken: () => number
  readonly whole: () => number
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  /** Called once. */
  readonly stalled: () => void
}

export class Stall {
  readonly #deps: StallDeps
  readonly #times: Pick<Times, 'frameTimeoutMs' | 'writeTimeoutMs'>
  readonly #timer: NodeJS.Timeout
  #read = { mark: -1, since: 0 }
  #written = { mark: -1, since: 0 }

  constructor(deps: StallDeps, times: Pick<Times, 'frameTimeoutMs' | 'writeTimeoutMs'>) {
    this.#deps = deps
    this.#times = times
    this.#timer = setInterval(() => this.#look(), Math.min(times.frameTimeoutMs, times.writeTimeoutMs) / 10).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { isWithinFrame, backlog, taken, whole, stalled } = this.#deps
    const now = this.#deps.now()
    if (!isWithinFrame() || this.#read.mark !== whole()) this.#read = { mark: whole(), since: now }
    if (backlog() === 0 || this.#written.mark !== taken()) this.#written = { mark: taken(), since: now }
    const reading = now - this.#read.since > this.#times.frameTimeoutMs
    const writing = now - this.#written.since > this.#times.writeTimeoutMs
    if (!reading && !writing) return
    this.stop()
    stalled()
  }
}
