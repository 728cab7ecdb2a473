/** What one peer has and this device lacks: wanted scope by scope, operations first, until nothing is left or nothing comes. */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import { isRoster, portions, subtract, unite, type Feeds } from './feeds.ts'
import type { Fetcher, Fetches } from './fetches.ts'
import type { Accepted, SyncLog } from './log.ts'
import type { SharedScope } from './shared-scope.ts'
import type { Timers } from '../timers.ts'

export interface CatchUpDeps {
  readonly device: DeviceId
  readonly log: SyncLog
  readonly fetches: Fetches
  readonly timers: Timers
  readonly report: Log
  readonly closed: AbortSignal
  readonly sharedScope: (scope: Scope) => SharedScope | undefined
  /** Own entries that were lost are back, or will not come: the peer may be given what waited. */
  readonly mayGive: (shared: SharedScope) => void
  readonly want: (shared: SharedScope, feeds: Feeds, budget: number) => void
}

const leastBudget = 64 * 1024
const leastEntries = 64
/** A short message with its header, and a little less: rather a want too many than more claimed than it can bring. */
const entryBytes = 256
const quickAnswerMs = 1000
const slowAnswerMs = 4000
/** Feeds whose messages may wait for operations. */
const mostPostponed = 4096

export class CatchUp implements Fetcher {
  readonly #deps: CatchUpDeps
  #strikes = 0

  constructor(deps: CatchUpDeps) {
    this.#deps = deps
  }

  get strikes(): number {
    return this.#strikes
  }

  /** The peer says that it holds `feeds`. */
  offered(shared: SharedScope, feeds: Feeds): void {
    shared.peerHas = unite(feeds, shared.peerHas)
    shared.saidSince = feeds
    this.fetch(shared)
  }

  /** The peer brought messages before the operations that say who may write them. */
  postpone(shared: SharedScope, feeds: Feeds): void {
    if (shared.peerHas.length < mostPostponed) shared.peerHas = unite(shared.peerHas, feeds)
  }

  accepted(shared: SharedScope, { held, lacking }: Accepted): void {
    shared.peerHas = unite(shared.peerHas, lacking)
    this.#recovered(shared, subtract(shared.recovering, held))
    this.#deps.fetches.arrived(this, shared.scope, held)
  }

  /** Whether messages of the scope may be taken from this peer now. */
  mayTakeMessages(shared: SharedScope): boolean {
    if (shared.rosterLacking) this.#lacking(shared)
    return shared.open && !shared.rosterLacking
  }

  /** Wants the next part of what is lacking, unless a want is open or others fetch it. */
  fetch(shared: SharedScope): void {
    const { closed, fetches, timers, want } = this.#deps
    const idle = shared.peerHas.length === 0 && shared.recovering.length === 0
    if (idle || !shared.open || closed.aborted || fetches.isFetching(this, shared.scope)) return
    const lacking = this.#lacking(shared)
    if (lacking.length === 0) return
    const [part] = portions(fetches.claim(this, shared.scope, lacking, shared.entries))
    if (part === undefined) return
    fetches.begin(this, shared.scope, part)
    shared.saidSince = []
    shared.wantedAt = timers.now()
    want(shared, part, shared.budget)
  }

  /** The peer says that it answered the open want. */
  finish(shared: SharedScope): void {
    const { fetches, timers } = this.#deps
    if (!fetches.isFetching(this, shared.scope)) return
    const tookMs = timers.now() - shared.wantedAt
    if (fetches.finish(this, shared.scope) > 0) this.#strikes = 0
    else this.#broughtNothing(shared)
    if (tookMs < quickAnswerMs) {
      shared.budget = Math.min(limits.wantBytes, shared.budget * 2)
      shared.entries = Math.min(Math.ceil(shared.budget / entryBytes), shared.entries * 4)
    } else if (tookMs > slowAnswerMs) {
      shared.budget = Math.max(leastBudget, shared.budget / 2)
      shared.entries = Math.max(leastEntries, Math.floor(shared.entries / 2))
    }
    fetches.resume(shared.scope, this)
  }

  resume(scope: Scope): void {
    const shared = this.#deps.sharedScope(scope)
    if (shared !== undefined) this.fetch(shared)
  }

  stalled(scope: Scope): void {
    const shared = this.#deps.sharedScope(scope)
    this.#deps.report('info', 'a peer does not deliver what it offers')
    if (shared === undefined) return
    this.#giveUp(shared)
    this.fetch(shared)
  }

  /** The peer may not see the scope any more, or the link ended. */
  leave(scope?: Scope): void {
    const { fetches } = this.#deps
    if (scope === undefined) fetches.leave(this)
    else fetches.leaveScope(this, scope)
  }

  /** Operations, or all if none of them is lacking. */
  #lacking(shared: SharedScope): Feeds {
    if (shared.peerHas.length > 0) shared.peerHas = this.#deps.log.lacking(shared.scope, shared.peerHas)
    const lacking = unite(shared.recovering, shared.peerHas)
    const roster = lacking.filter(isRoster)
    shared.rosterLacking = roster.length > 0
    return shared.rosterLacking ? roster : lacking
  }

  /** Own entries that came back are settled by the log, held or not: they are asked for once. */
  #broughtNothing(shared: SharedScope): void {
    this.#recovered(shared, [])
    if (this.#lacking(shared).length > 0) this.#giveUp(shared)
  }

  /** The peer does not hold what it said: not believed again before its next vector, which may have come by now. */
  #giveUp(shared: SharedScope): void {
    this.#strikes += 1
    shared.peerHas = shared.saidSince
    shared.saidSince = []
    shared.rosterLacking = false
    this.#recovered(shared, [])
  }

  #recovered(shared: SharedScope, left: Feeds): void {
    const before = shared.giving
    shared.recovering = left
    if (shared.giving && !before) this.#deps.mayGive(shared)
  }
}
