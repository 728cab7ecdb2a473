/** When something may be tried again that failed: each time later than before, with jitter. */

export interface WaitsDeps {
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
}

const firstWaitMs = 60_000
const mostWaitMs = 60 * 60_000

export class Waits<Name> {
  readonly #deps: WaitsDeps
  readonly #waits = new Map<Name, { readonly at: number; readonly waitMs: number }>()

  constructor(deps: WaitsDeps) {
    this.#deps = deps
  }

  isDue(name: Name): boolean {
    return this.#deps.now() >= (this.#waits.get(name)?.at ?? 0)
  }

  names(): IterableIterator<Name> {
    return this.#waits.keys()
  }

  forget(name: Name): void {
    this.#waits.delete(name)
  }

  longer(name: Name): void {
    const { now, random } = this.#deps
    const waitMs = Math.min(mostWaitMs, 2 * (this.#waits.get(name)?.waitMs ?? firstWaitMs / 2))
    this.#waits.set(name, { at: now() + waitMs * (0.75 + 0.5 * random()), waitMs })
  }
}
