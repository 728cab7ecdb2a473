/** Wakes one waiting loop after the first ring, so that what one piece of work rings for is done together. */

export class Bell {
  #rung = false
  #due = false
  #silent = false
  #waiter: ((goOn: boolean) => void) | undefined

  ring(): void {
    if (this.#silent || this.#due || this.#rung) return
    this.#rung = true
    queueMicrotask(() => {
      this.#rung = false
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
    this.#wake(false)
  }

  #wake(goOn: boolean): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.(goOn)
  }
}
