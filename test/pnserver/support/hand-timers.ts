/** A clock that a test turns by hand: a wait is over when the test says so, however long the machine takes for all else. */

interface Pending {
  readonly ms: number
  readonly task: () => void
}

export class HandTimers {
  #nowMs = 1_800_000_000_000
  readonly #pending = new Set<Pending>()
  #onAsked: () => void = () => undefined

  now(): number {
    return this.#nowMs
  }

  after(ms: number, task: () => void): () => void {
    const pending = { ms, task }
    this.#pending.add(pending)
    this.#onAsked()
    return () => {
      this.#pending.delete(pending)
    }
  }

  /** Moves the clock; no wait is over by that. */
  pass(ms: number): void {
    this.#nowMs += ms
  }

  /** Lets one wait of exactly so long be over, as soon as there is one. */
  async over(ms: number): Promise<void> {
    for (;;) {
      const found = [...this.#pending].find((each) => each.ms === ms)
      if (found !== undefined) {
        this.#pending.delete(found)
        this.#nowMs += ms
        found.task()
        return
      }
      await new Promise<void>((resolve) => {
        this.#onAsked = resolve
      })
    }
  }

  /** How long each wait is that is not over. */
  get waits(): number[] {
    return [...this.#pending].map(({ ms }) => ms).toSorted((a, b) => a - b)
  }
}
