/** Removes what ran out, when the server starts and some times a day. */

import { dayOf } from './days.ts'
import { dayMs } from './limits.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { RowStore } from './store/store.ts'

const everyMs = dayMs / 4

export interface SweeperDeps {
  readonly rows: RowStore
  readonly metrics: Metrics
  readonly log: Log
  readonly now: () => number
}

export class Sweeper {
  readonly #deps: SweeperDeps
  readonly #timer: NodeJS.Timeout
  #last: Promise<void> = Promise.resolve()
  #rows = 0

  constructor(deps: SweeperDeps) {
    this.#deps = deps
    deps.metrics.gauge('rows', () => this.#rows)
    this.#timer = setInterval(() => void this.sweep(), everyMs)
    this.#timer.unref()
    void this.sweep()
  }

  /** Never two at a time. */
  async sweep(): Promise<void> {
    this.#last = this.#sweepAfter(this.#last)
    await this.#last
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#last
  }

  async #sweepAfter(last: Promise<void>): Promise<void> {
    await last
    try {
      this.#rows = await this.#deps.rows.sweep(dayOf(this.#deps.now()))
    } catch {
      this.#deps.log('error', 'rows that ran out could not be removed')
    }
  }
}
