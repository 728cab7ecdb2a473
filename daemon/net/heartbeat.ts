/** Notices a peer that is gone without a word: both sides ask for an answer every few seconds. */

import type { Frame } from '../../protocol/frames.ts'
import type { Times } from './times.ts'

type HeartbeatFrame = Extract<Frame, { is: 'heartbeat' }>

export interface HeartbeatDeps {
  readonly send: (frame: HeartbeatFrame) => void
  /** Called once: nothing was heard for too long. */
  readonly lost: () => void
  /** True while silence says nothing about the peer, because we are the ones who do not read. */
  readonly excused: () => boolean
}

/** A timer that fires this late means that we ourselves were stopped: what the peer sent is still to be read. */
const lateMs = 1000

export class Heartbeat {
  readonly #deps: HeartbeatDeps
  readonly #lostMs: number
  readonly #asking: NodeJS.Timeout
  #watch: NodeJS.Timeout | undefined
  #dueAt = 0
  #heardAt = performance.now()
  #number = 0

  constructor(deps: HeartbeatDeps, times: Pick<Times, 'heartbeatEveryMs' | 'heartbeatLostMs'>) {
    this.#deps = deps
    this.#lostMs = times.heartbeatLostMs
    this.#asking = setInterval(() => this.#ask(), times.heartbeatEveryMs)
    this.#asking.unref()
    this.#arm(this.#lostMs)
  }

  /** Anything at all came from the peer. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  answer(frame: HeartbeatFrame): void {
    if (!frame.answer) this.#deps.send({ is: 'heartbeat', number: frame.number, answer: true })
  }

  /** Asks now; something must come within `ms`. */
  probe(ms: number): void {
    if (this.#watch === undefined || performance.now() + ms > this.#dueAt) return
    this.#heardAt = performance.now() + ms - this.#lostMs
    this.#ask()
    this.#arm(ms)
  }

  stop(): void {
    clearInterval(this.#asking)
    clearTimeout(this.#watch)
    this.#watch = undefined
  }

  #ask(): void {
    this.#number += 1
    this.#deps.send({ is: 'heartbeat', number: this.#number, answer: false })
  }

  #arm(ms: number): void {
    clearTimeout(this.#watch)
    this.#dueAt = performance.now() + ms
    this.#watch = setTimeout(() => this.#look(), ms)
    this.#watch.unref()
  }

  #look(): void {
    const now = performance.now()
    if (this.#deps.excused()) this.#heardAt = now
    const left = this.#heardAt + this.#lostMs - now
    if (left > 0) return this.#arm(left)
    if (now - this.#dueAt > lateMs) return this.#arm(lateMs)
    this.stop()
    this.#deps.lost()
  }
}
