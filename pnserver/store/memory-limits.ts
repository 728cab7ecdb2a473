/** Limits and nonces in the memory of one server. They are gone when it ends. */

import { randomBytes } from 'node:crypto'
import { pace, pnLimits, reachOf, type PaceName, type Window } from '../limits.ts'
import { LimitKeys } from './limit-keys.ts'
import type { Admission, Claim, LimitStore } from './store.ts'

type Times = number[]

/** Milliseconds until all windows have room for one more; 0 is now. `times`: rising. */
export function waitFor(times: readonly number[], windows: readonly Window[], nowMs: number): number {
  return Math.max(
    0,
    ...windows.map(({ ms, most }) => {
      const first = times[times.length - most]
      return first === undefined ? 0 : first + ms - nowMs
    }),
  )
}

export class MemoryLimits implements LimitStore {
  readonly #keys: LimitKeys
  readonly #most: number
  /** One map for each, so that a flood of one makes no room of another. */
  readonly #times = new Map<PaceName, Map<string, Times>>()
  /** When each was seen, oldest first. */
  readonly #nonces = new Map<string, number>()

  /** `most`: what is counted of, each kind for itself. */
  constructor(secret: Uint8Array, most: number = pnLimits.subjects) {
    this.#most = most
    const days = new Map<number, Uint8Array>()
    this.#keys = new LimitKeys(secret, async (day) => {
      const known = days.get(day) ?? randomBytes(32)
      days.set(day, known)
      for (const old of days.keys()) if (old < day - 1) days.delete(old)
      return known
    })
  }

  async admit(claims: readonly Claim[], nonce: Uint8Array | undefined, nowMs: number): Promise<Admission> {
    const keys = await Promise.all(
      claims.map(({ name, subject }) => this.#keys.of(name, subject, nowMs, reachOf(name))),
    )
    const nonces = nonce === undefined ? [] : await this.#keys.of('nonce', nonce, nowMs, pnLimits.nonceMs)
    // From here on nothing waits: it is looked at and counted in one.
    if (this.#isKnown(nonces, nowMs)) return { is: 'replayed' }
    const all = claims.map(({ name }, at) => ({ name, times: this.#timesOf(name, keys[at] ?? [], nowMs) }))
    // A nonce that is forgotten too early could be used again.
    const isFull = nonce !== undefined && this.#nonces.size >= this.#most
    if (isFull) return { is: 'limited', by: 'capability', retryAfterMs: pnLimits.nonceMs }
    for (const { name, times } of all) {
      const retryAfterMs = waitFor(times, pace[name], nowMs)
      if (retryAfterMs > 0) return { is: 'limited', by: name, retryAfterMs }
    }
    for (const [at, { name, times }] of all.entries()) this.#remember(name, keys[at] ?? [], [...times, nowMs])
    const [today] = nonces
    if (today !== undefined) this.#nonces.set(today.toString('latin1'), nowMs)
    return { is: 'admitted' }
  }

  async close(): Promise<void> {
    this.#times.clear()
    this.#nonces.clear()
  }

  #isKnown(nonces: readonly (Buffer | undefined)[], nowMs: number): boolean {
    for (const [key, at] of this.#nonces) {
      if (at > nowMs - pnLimits.nonceMs) break
      this.#nonces.delete(key)
    }
    return nonces.some((each) => each !== undefined && this.#nonces.has(each.toString('latin1')))
  }

  #timesOf(name: PaceName, keys: readonly (Buffer | undefined)[], nowMs: number): Times {
    const known = this.#times.get(name)
    const oldest = nowMs - reachOf(name)
    // Yesterday's first: so they rise.
    return keys
      .toReversed()
      .flatMap((key) => (key === undefined ? undefined : known?.get(key.toString('latin1'))) ?? [])
      .filter((at) => at > oldest)
  }

  #remember(name: PaceName, [today, yesterday]: readonly (Buffer | undefined)[], times: Times): void {
    const known = this.#times.get(name) ?? new Map<string, Times>()
    this.#times.set(name, known)
    // What was yesterday's is among today's now. And behind all others: who was seen last makes room last.
    for (const key of [today, yesterday]) if (key !== undefined) known.delete(key.toString('latin1'))
    if (today !== undefined) known.set(today.toString('latin1'), times)
    for (const key of known.keys()) {
      if (known.size <= this.#most) break
      known.delete(key)
    }
  }
}
