/** Lets a daemon sleep and wake: one after the other, whatever comes while one of the two is under way, until it ends. */

import { errorCode, WarrenError } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import type { Log } from './log.ts'
import type { Timers } from './timers.ts'

export interface SleepingDeps {
  /** Closes what a frozen process must not hold open. */
  readonly fallAsleep: () => Promise<void>
  /** Opens it again; `note`: what came with a wake. What it opened is closed again where it rejects. */
  readonly wakeUp: (note: Uint8Array | undefined) => Promise<void>
  /** A wake came to one who is awake. */
  readonly nudged: (note: Uint8Array) => Promise<void>
  readonly timers: Timers
  readonly log: Log
}

export class Sleeping {
  readonly #deps: SleepingDeps
  #is: 'awake' | 'asleep' | 'ended' = 'awake'
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: SleepingDeps) {
    this.#deps = deps
  }

  /** See RunningDaemon.suspend(). */
  async suspend(): Promise<boolean> {
    const falling = this.#inTurn(async () => {
      if (this.#is !== 'awake') return
      this.#is = 'asleep'
      await this.#fallAsleep()
    })
    const { promise: isLate, resolve } = Promise.withResolvers<boolean>()
    const callOff = this.#deps.timers.after(limits.suspendMs, () => resolve(false))
    try {
      return await Promise.race([falling.then(() => true), isLate])
    } finally {
      callOff()
    }
  }

  /** See RunningDaemon.resume(). */
  async resume(note?: Uint8Array): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#is === 'ended') throw new WarrenError('CLOSING', 'the daemon is stopping')
      if (this.#is === 'asleep') await this.#deps.wakeUp(note)
      else if (note !== undefined) await this.#deps.nudged(note)
      this.#is = 'awake'
    })
  }

  /** Nobody wakes it any more. Resolves once nothing of this is under way. */
  async end(): Promise<void> {
    await this.#inTurn(async () => {
      this.#is = 'ended'
      await Promise.resolve()
    })
  }

  /** What could not be closed in order is closed all the same, and everything that was acknowledged is on the disk. */
  async #fallAsleep(): Promise<void> {
    const { fallAsleep, log } = this.#deps
    try {
      await fallAsleep()
    } catch (error) {
      log('error', 'the daemon could not fall asleep in order', { code: errorCode(error) })
    }
  }

  async #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task)
    this.#turn = done.catch(() => undefined)
    await done
  }
}
