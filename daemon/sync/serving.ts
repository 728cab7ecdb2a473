/** Answers a peer's wants piece by piece, scope by scope in turn, no faster than the link drains. */

import { limits } from '../../protocol/limits.ts'
import type { Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { feedsOf, subtract, type Feeds } from './feeds.ts'
import { withKeys } from './key-frames.ts'
import type { Link, SyncFrame } from './link.ts'
import type { SyncLog } from './log.ts'
import { packRuns, runSize } from './pack.ts'
import type { SharedScope } from './shared-scope.ts'
import type { Timers } from '../timers.ts'

const kib = 1024
/** Pieces grow on a fast link and shrink on a slow one, so that what is new waits behind a blink of history at most. */
const piece = { first: 128 * kib, least: 16 * kib, most: 512 * kib, fastMs: 20, slowMs: 100 } as const

interface Want {
  feeds: Feeds
  budget: number
  rosterServed: boolean
}

export interface ServingDeps {
  readonly link: Link
  readonly log: SyncLog
  readonly timers: Timers
  /** As much of a scope as the peer may see now. */
  readonly visible: (scope: Scope) => SharedScope | undefined
  /** Operations went out: what the peer could not judge before may be sent again. */
  readonly rosterServed: (shared: SharedScope) => void
}

export class Serving {
  readonly #deps: ServingDeps
  /** A want outlives a change of how much the peer may see: whoever asked waits for the answer, and asks for nothing else meanwhile. */
  readonly #wants = new Map<Scope, Want>()
  #bytes: number = piece.first

  constructor(deps: ServingDeps) {
    this.#deps = deps
  }

  /** One want per scope: a newer one takes the place of the one before. */
  want({ scope }: SharedScope, feeds: Feeds, budget: number): void {
    this.#wants.set(scope, { feeds, budget: Math.min(budget, limits.wantBytes), rosterServed: false })
  }

  /** The peer may not see the scope any more. */
  forget(scope: Scope): void {
    this.#wants.delete(scope)
  }

  /** Sends one piece of the scope whose turn it is. Returns false if no scope may be served now. */
  async step(): Promise<boolean> {
    const { link, log, timers } = this.#deps
    const shared = this.#next()
    const want = shared && this.#wants.get(shared.scope)
    if (shared === undefined || want === undefined) return false
    const before = timers.now()
    await link.drained(this.#bytes / 2)
    this.#adapt(timers.now() - before)
    if (!this.#stands(shared, want)) return true
    const { runs, done } = await log.read(shared.scope, shared.visible(want.feeds), Math.min(this.#bytes, want.budget))
    if (this.#stands(shared, want)) this.#send(shared, want, runs, done)
    return true
  }

  #next(): SharedScope | undefined {
    for (const scope of this.#wants.keys()) {
      const shared = this.#deps.visible(scope)
      if (shared === undefined) this.#wants.delete(scope)
      else if (shared.giving) return shared
    }
    return undefined
  }

  /** Whether the want is still to be served like this, after a wait. */
  #stands({ scope, part }: SharedScope, want: Want): boolean {
    const { link, log } = this.#deps
    return !link.closed.aborted && this.#wants.get(scope) === want && log.partFor(link.device, scope) === part
  }

  #send(shared: SharedScope, want: Want, runs: readonly Run[], done: boolean): void {
    want.feeds = subtract(want.feeds, feedsOf(runs))
    want.budget -= runs.reduce((bytes, run) => bytes + runSize(run), 0)
    want.rosterServed ||= runs.some(({ entries }) => entries[0]?.sealed.header.lane === 0)
    const last = done || runs.length === 0 || want.feeds.length === 0 || want.budget <= 0
    this.#wants.delete(shared.scope)
    // Behind the other scopes: each gets its turn.
    if (!last) this.#wants.set(shared.scope, want)
    const { link, log } = this.#deps
    for (const frame of answer(shared, packRuns(runs), last))
      for (const each of withKeys(frame, log, link.device)) link.send(each)
    if (last && want.rosterServed) this.#deps.rosterServed(shared)
  }

  #adapt(tookMs: number): void {
    if (tookMs > piece.slowMs) this.#bytes = Math.max(piece.least, this.#bytes / 2)
    else if (tookMs < piece.fastMs) this.#bytes = Math.min(piece.most, this.#bytes * 2)
  }
}

function answer({ scope }: SharedScope, parts: readonly Run[][], done: boolean): SyncFrame[] {
  if (parts.length === 0) return [{ is: 'entries', scope, runs: [], done }]
  return parts.map((runs, index) => ({ is: 'entries', scope, runs, done: done && index === parts.length - 1 }))
}
