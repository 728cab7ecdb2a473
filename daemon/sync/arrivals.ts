/** How many messages of a scope linked peers hold that are still to come: told now and then while that changes. */

import type { Scope } from '../../protocol/ids.ts'
import type { Timers } from '../timers.ts'

/** `left`: 0 once nobody who is linked holds more than this device. */
export type ArrivalsListener = (scope: Scope, left: number) => void

/** What comes within this is not worth a word, and more often nobody needs to know. */
const everyMs = 1000

export class Arrivals {
  readonly #timers: Timers
  readonly #left: (scope: Scope) => number
  readonly #listeners = new Set<ArrivalsListener>()
  readonly #looks = new Map<Scope, () => void>()
  readonly #told = new Map<Scope, number>()

  /** `left`: messages of a scope that are lacking here and that somebody who is linked holds. */
  constructor(timers: Timers, left: (scope: Scope) => number) {
    this.#timers = timers
    this.#left = left
  }

  listen(listener: ArrivalsListener): void {
    this.#listeners.add(listener)
  }

  /** Something of it was asked for, came, or will not come. */
  touched(scope: Scope): void {
    if (this.#looks.has(scope)) return
    this.#looks.set(
      scope,
      this.#timers.after(everyMs, () => {
        this.#looks.delete(scope)
        this.#look(scope)
      }),
    )
  }

  #look(scope: Scope): void {
    const left = this.#left(scope)
    if (left === (this.#told.get(scope) ?? 0)) return
    if (left === 0) this.#told.delete(scope)
    else this.#told.set(scope, left)
    for (const listener of this.#listeners) listener(scope, left)
  }

  close(): void {
    for (const callOff of this.#looks.values()) callOff()
  }
}
