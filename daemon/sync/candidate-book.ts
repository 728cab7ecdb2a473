/** What all links together spend on scopes that are offered and not here: few at a time, and none again soon that was none of the owner's. */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'

export interface Waiter {
  /** There is room again. */
  next(): void
}

export class CandidateBook {
  readonly #now: () => number
  /** Until when something is not asked for again; the oldest first. */
  readonly #refused = new Map<string, number>()
  /** Who gathers which scope. */
  readonly #inside = new Map<Waiter, Scope>()
  readonly #waiting = new Set<Waiter>()

  constructor(now: () => number) {
    this.#now = now
  }

  isRefused(device: DeviceId, scope: Scope): boolean {
    return (this.#refused.get(`${device}/${scope}`) ?? 0) > this.#now()
  }

  refuse(device: DeviceId, scope: Scope): void {
    const key = `${device}/${scope}`
    this.#refused.delete(key)
    this.#refused.set(key, this.#now() + limits.candidateAgainMs)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > limits.candidatesRefused && oldest !== undefined) this.#refused.delete(oldest)
  }

  /** Another link gathers it: whether it is the owner's will be known then. */
  isGathered(scope: Scope): boolean {
    return [...this.#inside.values()].includes(scope)
  }

  /** False if there are enough; next() is called once there is room. */
  enter(waiter: Waiter, scope: Scope): boolean {
    if (this.#inside.size >= limits.candidatesAtOnce) {
      this.wait(waiter)
      return false
    }
    this.#waiting.delete(waiter)
    this.#inside.set(waiter, scope)
    return true
  }

  /** next() is called once another is done. */
  wait(waiter: Waiter): void {
    this.#waiting.add(waiter)
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter)
    if (!this.#inside.delete(waiter)) return
    // Not the first alone: it may have nothing left to look at, or wait for what another one gathers.
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const each of waiting) each.next()
  }
}
