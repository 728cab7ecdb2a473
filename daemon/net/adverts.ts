/** How many multicast adverts are looked at: reading one costs far more than sending it. */

import { limits } from '../../protocol/limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** Hosts whose rate is remembered; those that were quiet are forgotten first. */
const mostHosts = 1024

export class Adverts {
  readonly #now: () => number
  readonly #all: TokenBucket
  readonly #hosts = new Map<string, TokenBucket>()

  /** `now` in milliseconds, of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now
    this.#all = new TokenBucket(limits.adverts, limits.adverts, now())
  }

  /** Whether one more that came from `host` is to be read. */
  admits(host: string): boolean {
    const now = this.#now()
    const rate = this.#hosts.get(host) ?? new TokenBucket(limits.hostAdverts, limits.hostAdverts, now)
    this.#hosts.delete(host)
    this.#hosts.set(host, rate)
    if (this.#hosts.size > mostHosts) {
      const oldest = this.#hosts.keys().next()
      if (oldest.done !== true) this.#hosts.delete(oldest.value)
    }
    return rate.take(1, now) && this.#all.take(1, now)
  }
}
