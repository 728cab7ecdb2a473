/** Who asks with which code how often: a source that was wrong waits, and after too many wrong ones of all nobody may ask any more. */

import { limits } from '../../protocol/limits.ts'

interface Source {
  /** A guess of it is being looked at. */
  isAsking: boolean
  wrong: number
  /** Not before this, by the clock that `now` is. */
  nextAt: number
}

/** Sources that are remembered; those that were never wrong are forgotten. */
const mostSources = 256

export class Guesses {
  readonly #now: () => number
  readonly #sources = new Map<string, Source>()
  #wrong = 0
  #asking = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Nobody may ask any more. */
  get isUsedUp(): boolean {
    return this.#wrong >= limits.deviceTries
  }

  /** Whether this source may ask now: one at a time, and not while it waits. If so, end() must follow. */
  begin(name: string): boolean {
    const source = this.#sources.get(name) ?? { isAsking: false, wrong: 0, nextAt: 0 }
    if (source.isAsking || this.#now() < source.nextAt) return false
    this.#forget()
    // Each that is under way may turn out to be wrong.
    if (this.#wrong + this.#asking >= limits.deviceTries || this.#sources.size >= mostSources) return false
    // An exchange that leads to nothing costs something here, too.
    this.#sources.set(name, { ...source, isAsking: true, nextAt: this.#now() + limits.deviceFirstWaitMs })
    this.#asking += 1
    return true
  }

  /** It was wrong. */
  wrong(name: string): void {
    const source = this.#sources.get(name)
    this.#wrong += 1
    if (source === undefined) return
    const waitMs = Math.min(limits.deviceFirstWaitMs * 2 ** source.wrong, limits.deviceMostWaitMs)
    this.#sources.set(name, { ...source, wrong: source.wrong + 1, nextAt: this.#now() + waitMs })
  }

  end(name: string): void {
    const source = this.#sources.get(name)
    this.#asking -= 1
    if (source !== undefined) this.#sources.set(name, { ...source, isAsking: false })
  }

  #forget(): void {
    if (this.#sources.size < mostSources) return
    for (const [name, { isAsking, wrong, nextAt }] of this.#sources)
      if (!isAsking && wrong === 0 && nextAt <= this.#now()) this.#sources.delete(name)
  }
}
