/** Removes what ran out, when the server starts and some times a day. */

import { dayOf } from './days.ts'
import { dayMs } from './limits.ts'
import type { Log } from './log.ts'
import type { RowCount } from './row-count.ts'
import type { RowStore } from './store/store.ts'

const everyMs = dayMs / 4

export interface SweeperDeps {
  readonly rows: RowStore
  readonly rowCount: RowCount
  readonly log: Log
  readonly now: () => number
}

export class Sweeper {
  readonly #deps: SweeperDeps
  readonly #timer: NodeJS.Timeout
  #last: Promise<void> = Promise.resolve()

  constructor(deps: SweeperDeps) {
    this.#deps = deps
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
      const { rowCount, rows, now } = this.#deps
      await rowCount.recount(async () => await rows.sweep(dayOf(now())))
    } catch {
      this.#deps.log('error', 'rows that ran out could not be removed')
    }
  }
}
