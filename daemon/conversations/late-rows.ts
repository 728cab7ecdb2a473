/**
 * Rows that follow from the entries: how far each feed is held, and what a conversation counts. A few new messages are written
 * without them; they come a moment later, all of a conversation in one batch, and after a crash from the entries.
 */

import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import { feedRow, scopeRow } from './rows.ts'
import { feedRowKey, scopeKey } from './scope-keys.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'

/** No row is behind by more entries than this, or for longer than this. */
const mostEntries = 64
const mostMs = 500
/** After a write that failed, if nothing else is written meanwhile. */
const retryMs = 60_000

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
  #timer: { readonly ms: number; readonly callOff: () => void } | undefined
  #isClosed = false

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
    if (follows !== undefined && lag.entries <= mostEntries) return this.#saveIn(mostMs)
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

  /**
   * What the rows of this scope say is not known any more: what wrote them `failed`, or memory knows more, since it was `found`
   * in the entries.
   */
  doubt(scope: ScopeState, why: 'failed' | 'found' = 'failed'): void {
    if (scope.isGone) return
    const lag = this.#lagOf(scope)
    for (const feed of scope.feeds.values()) if (feed.isKept) lag.feeds.add(feed)
    lag.record = true
    this.#saveIn(why === 'failed' ? retryMs : mostMs)
  }

  /** The scope is being deleted: nothing of it is written any more. */
  forget(scope: ScopeState): void {
    this.#lags.delete(scope)
  }

  /** Writes what was left. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.callOff()
    this.#timer = undefined
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

  #saveIn(ms: number): void {
    if (this.#isClosed || (this.#timer !== undefined && this.#timer.ms <= ms)) return
    this.#timer?.callOff()
    const callOff = this.#deps.timers.after(ms, () => {
      this.#timer = undefined
      void this.#save()
    })
    this.#timer = { ms, callOff }
  }

  async #save(): Promise<void> {
    const saved = await Promise.all([...this.#lags.keys()].map(async (scope) => await this.#saveOne(scope)))
    const failed = saved.filter((isSaved) => !isSaved).length
    if (failed > 0)
      this.#deps.log('warn', 'how far a conversation is held could not be stored', { conversations: failed })
  }

  async #saveOne(scope: ScopeState): Promise<boolean> {
    try {
      await this.#deps.store.commit((batch) => {
        const lag = this.#lags.get(scope)
        if (lag === undefined || scope.isGone) return
        this.#write(batch, scope, lag)
        this.#deps.alongside(batch)
      })
      return true
    } catch {
      // The next message brings them along, or a later attempt, or the next start makes them from the entries.
      this.doubt(scope)
      return false
    }
  }
}
