/** Wakes one waiting loop, a turn after the first ring, so that what is due in one turn is done together. */

import type { Timers } from '../timers.ts'

export class Bell {
  readonly #timers: Timers
  #callOff: (() => void) | undefined
  #due = false
  #silent = false
  #waiter: ((goOn: boolean) => void) | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  ring(): void {
    if (this.#silent || this.#due || this.#callOff !== undefined) return
    this.#callOff = this.#timers.after(0, () => {
      this.#callOff = undefined
      if (this.#waiter === undefined) this.#due = true
      else this.#wake(true)
    })
  }

  /** Resolves with true once rung, with false once silenced. For one waiter. */
  async rung(): Promise<boolean> {
    if (this.#silent) return false
    if (this.#due) {
      this.#due = false
      return true
    }
    return await new Promise((resolve) => {
      this.#waiter = resolve
    })
  }

  /** For good. */
  silence(): void {
    this.#silent = true
    this.#callOff?.()
    this.#wake(false)
  }

  #wake(goOn: boolean): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.(goOn)
  }
}
