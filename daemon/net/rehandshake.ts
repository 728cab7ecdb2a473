/** Renews the keys of long links: a new connection within 22 to 26 hours, which takes the old one's place. */

import type { DeviceId } from '../../protocol/ids.ts'
import type { NetLink } from './net-link.ts'
import { inBackground } from './race-signal.ts'
import type { Times } from './times.ts'

export interface RehandshakeDeps {
  /** Dials beside the link that stands. */
  readonly redial: (device: DeviceId) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
}

/** After a failure; the old link goes on meanwhile. */
const againMs = 600_000

export class Rehandshake {
  readonly #deps: RehandshakeDeps
  readonly #times: Times
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(deps: RehandshakeDeps, times: Times) {
    this.#deps = deps
    this.#times = times
  }

  watch(link: NetLink): void {
    this.#after(link, this.#times.rehandshakeAfterMs + this.#deps.random() * this.#times.rehandshakeJitterMs)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #after(link: NetLink, ms: number): void {
    const timer = setTimeout(() => {
      end()
      if (!link.closed.aborted) inBackground(this.#deps.redial(link.device), () => this.#after(link, againMs))
    }, ms).unref()
    const end = (): void => {
      clearTimeout(timer)
      this.#timers.delete(timer)
      link.closed.removeEventListener('abort', end)
    }
    this.#timers.add(timer)
    link.closed.addEventListener('abort', end, { once: true })
  }
}
