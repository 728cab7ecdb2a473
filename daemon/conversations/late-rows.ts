/**
 * Rows that follow from the entries: how far each feed is held, and what a conversation counts. A few new messages are written
 * without them; they come a moment later, all of a conversation in one batch, and after a crash from the entries.
 */

import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import { feedRow, scopeRow } from './rows.ts'
import { feedRowKey, scopeKey } from './scope-table.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'

/** No row is behind by more entries than this, or for longer than this. */
const mostEntries = 64
const mostMs = 500

interface Lag {
  readonly feeds: Set<FeedState>
  record: boolean
  entries: number
}

export interface LateRowsDeps {
  readonly store: Store
  readonly timers: Timers
  readonly log: Log
  /** Other rows that may wait as long; called with each batch that waits for nobody. */
  readonly alongside: (batch: Batch) => void
}

export class LateRows {
  readonly #deps: LateRowsDeps
  /** What was staged and is in no row. All of a scope is written at once: what it counts fits where its feeds stand. */
  readonly #lags = new Map<ScopeState, Lag>()
  #callOff: (() => void) | undefined

  constructor(deps: LateRowsDeps) {
    this.#deps = deps
  }

  /** Puts the rows of what a build staged, or leaves them for later. The last thing that a build does. */
  put(batch: Batch, staging: Staging): void {
    if (staging.isEmpty) return
    const { scope, follows } = staging
    const lag = this.#lagOf(scope)
    for (const feed of staging.feeds()) lag.feeds.add(feed)
    lag.record ||= staging.changesRecord
    lag.entries += follows ?? 0
    if (follows !== undefined && lag.entries <= mostEntries) return this.#saveLater()
    try {
      this.#write(batch, scope, lag)
      this.#deps.alongside(batch)
    } catch (error) {
      // The build is undone: feeds that it made have no number any more.
      this.#lags.delete(scope)
      this.doubt(scope)
      throw error
    }
  }

  /** What the rows of this scope say is not known any more: what wrote them failed, or memory knows more from the entries. */
  doubt(scope: ScopeState): void {
    if (scope.isGone) return
    const lag = this.#lagOf(scope)
    for (const feed of scope.feeds.values()) if (feed.isKept) lag.feeds.add(feed)
    lag.record = true
  }

  /** The scope is being deleted: nothing of it is written any more. */
  forget(scope: ScopeState): void {
    this.#lags.delete(scope)
  }

  /** Writes what was left. */
  async close(): Promise<void> {
    this.#callOff?.()
    this.#callOff = undefined
    await this.#save()
  }

  #lagOf(scope: ScopeState): Lag {
    let lag = this.#lags.get(scope)
    if (lag === undefined) {
      lag = { feeds: new Set(), record: false, entries: 0 }
      this.#lags.set(scope, lag)
    }
    return lag
  }

  #write(batch: Batch, scope: ScopeState, lag: Lag): void {
    for (const feed of lag.feeds) batch.put(feedRowKey(scope, feed.number), feedRow(feed.feed, feed.staged))
    if (lag.record) batch.put(scopeKey(scope), scopeRow(scope.staged))
    this.#lags.delete(scope)
  }

  #saveLater(): void {
    this.#callOff ??= this.#deps.timers.after(mostMs, () => {
      this.#callOff = undefined
      void this.#save()
    })
  }

  async #save(): Promise<void> {
    await Promise.all([...this.#lags.keys()].map(async (scope) => await this.#saveOne(scope)))
  }

  async #saveOne(scope: ScopeState): Promise<void> {
    try {
      await this.#deps.store.commit((batch) => {
        const lag = this.#lags.get(scope)
        if (lag === undefined || scope.isGone) return
        this.#write(batch, scope, lag)
        this.#deps.alongside(batch)
      })
    } catch {
      // The next message brings them along, or the next start makes them from the entries.
      this.doubt(scope)
      this.#deps.log('warn', 'how far a conversation is held could not be stored')
    }
  }
}
