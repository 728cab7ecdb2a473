/** While the owner waits for an answer, what peers send is left where it is: taking it in keeps the processor for long at a time. */

import type { Timers } from '../timers.ts'

/** One answer holds peers up for no longer than this, and many in a row for no longer than this before each frame. */
export const mostHeldMs = 200
/** Whoever shows something asks for the next piece of it as soon as they have one: a new request waits for two turns of the loop. */
export const perhapsMoreMs = 20

interface Turn {
  readonly promise: Promise<void>
  readonly end: () => void
}

export class OwnerFirst {
  readonly #timers: Timers
  #asked = 0
  #turn: Turn | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** The owner asked for something. Returns what is to be called when it is answered. */
  asks(): () => void {
    this.#asked += 1
    const end = (): void => {
      this.#asked -= 1
      if (this.#asked === 0) this.#turn?.end()
    }
    let isAnswered = false
    const callOff = this.#timers.after(mostHeldMs, () => {
      isAnswered = true
      end()
    })
    return () => {
      if (isAnswered) return
      isAnswered = true
      callOff()
      this.#timers.after(perhapsMoreMs, end)
    }
  }

  /** Undefined if nobody waits for an answer; else it resolves once nobody does, or it was long enough. */
  turn(): Promise<void> | undefined {
    if (this.#asked === 0) return undefined
    this.#turn ??= this.#begin()
    return this.#turn.promise
  }

  #begin(): Turn {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = (): void => {
      callOff()
      this.#turn = undefined
      resolve()
    }
    const callOff = this.#timers.after(mostHeldMs, end)
    return { promise, end }
  }
}
