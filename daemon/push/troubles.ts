/** Which push servers are left alone for a while, each by itself: ever longer, up to a day, or as long as one asks for. */

import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import type { Timers } from '../timers.ts'
import { retryAfterOf } from './server-client.ts'
import type { WakeBook } from './wake-book.ts'

const firstMs = 15_000
const mostMs = 24 * 60 * 60 * 1000

export interface Trouble {
  readonly problem: ErrorCode
  /** Nothing that was asked of it came right since, epoch milliseconds; a restart does not change that. */
  readonly since: number
  /** It is not asked by itself before. */
  readonly notBefore: number
}

export interface TroublesDeps {
  readonly book: Pick<WakeBook, 'troubledSince' | 'trouble'>
  readonly timers: Timers
}

interface Known extends Trouble {
  readonly failures: number
  /** How long it was to be left alone when it failed. */
  readonly waitMs: number
}

export class Troubles {
  readonly #deps: TroublesDeps
  readonly #all = new Map<string, Known>()

  constructor(deps: TroublesDeps) {
    this.#deps = deps
  }

  of(server: string): Trouble | undefined {
    const known = this.#all.get(server)
    if (known === undefined) return undefined
    // A clock that was ahead and went back makes no wait longer than it was to be.
    const notBefore = Math.min(known.notBefore, this.#deps.timers.now() + known.waitMs)
    if (notBefore < known.notBefore) this.#all.set(server, { ...known, notBefore })
    return { ...known, notBefore }
  }

  mayAsk(server: string): boolean {
    return (this.of(server)?.notBefore ?? 0) <= this.#deps.timers.now()
  }

  /** Rejects with STORE_…. */
  async failed(server: string, error: unknown): Promise<void> {
    const { book, timers } = this.#deps
    const now = timers.now()
    const failures = (this.#all.get(server)?.failures ?? 0) + 1
    const backOffMs = Math.min(mostMs, firstMs * 2 ** (Math.min(failures, 20) - 1))
    const since = book.troubledSince(server) ?? now
    const waitMs = Math.max(retryAfterOf(error), backOffMs)
    this.#all.set(server, { problem: errorCode(error), since, notBefore: now + waitMs, failures, waitMs })
    await book.trouble(server, since)
  }

  /** Everything that it was asked came right. Rejects with STORE_…. */
  async answered(server: string): Promise<void> {
    this.#all.delete(server)
    await this.#deps.book.trouble(server, undefined)
  }

  /** They may be asked at once; what is known of how long they have had trouble stays. */
  retry(): void {
    for (const [server, trouble] of this.#all) this.#all.set(server, { ...trouble, notBefore: 0, failures: 0 })
  }
}
