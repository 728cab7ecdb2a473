/** Operations by their ids: those that others name and that are not here are asked for, and those that peers ask for are given. */

import type { DeviceId, EntryId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import type { Link } from './link.ts'
import type { SyncLog } from './log.ts'
import { packRuns } from './pack.ts'
import type { SharedScope } from './shared-scope.ts'

/** Nothing is given by id while more than this is queued. */
const mostBacklog = 1024 * 1024

export interface MissingDeps {
  readonly link: Link
  readonly log: SyncLog
}

export class Missing {
  readonly #deps: MissingDeps
  /** Of what the peer was told that it was removed. */
  readonly #told = new Set<EntryId>()

  /** Of what those brought who were removed. */
  readonly #asked = new Set<EntryId>()

  constructor(deps: MissingDeps) {
    this.#deps = deps
  }

  get #device(): DeviceId {
    return this.#deps.link.device
  }

  /** Asks for what operations of the scope name, each once until the next digest. */
  ask(shared: SharedScope): void {
    const { link, log } = this.#deps
    if (!shared.open) return
    const byScope = new Map<Scope, EntryId[]>()
    for (const { scope, id } of log.missing(shared.scope)) {
      if (shared.fetched.size >= limits.frameItems || shared.fetched.has(id)) continue
      // Of others than this one the peer is asked as soon as it offers them.
      if (log.partFor(this.#device, scope) === undefined) continue
      shared.fetched.add(id)
      byScope.set(scope, [...(byScope.get(scope) ?? []), id])
    }
    for (const [scope, ids] of byScope) link.send({ is: 'fetch', scope, ids })
  }

  /** Takes what somebody brings who was removed here: that they removed the owner. False if the scope is none of those. */
  async takeParted(scope: Scope, runs: readonly Run[]): Promise<boolean> {
    const { link, log } = this.#deps
    const lacking = await log.acceptParted(scope, runs, this.#device)
    if (lacking === undefined) return false
    const ids = lacking.flatMap((head) => (head.scope === scope && this.#mayAsk(head.id) ? [head.id] : []))
    if (ids.length > 0) link.send({ is: 'fetch', scope, ids })
    return true
  }

  /** Each once on a link, and so many at most. */
  #mayAsk(id: EntryId): boolean {
    if (this.#asked.size >= limits.frameItems || this.#asked.has(id)) return false
    this.#asked.add(id)
    return true
  }

  async answer(scope: Scope, ids: readonly EntryId[]): Promise<void> {
    const { link, log } = this.#deps
    if (link.backlog < mostBacklog) this.#send(scope, await log.operations(scope, ids, this.#device))
  }

  /** Tells the peer of conversations that its person was removed from: nobody else would. */
  async farewell(): Promise<void> {
    const { log } = this.#deps
    for (const { scope, ids } of log.farewells(this.#device)) {
      const news = ids.filter((id) => !this.#told.has(id))
      for (const id of news) this.#told.add(id)
      if (news.length > 0) this.#send(scope, await log.operations(scope, news, this.#device))
    }
  }

  #send(scope: Scope, runs: readonly Run[]): void {
    for (const part of packRuns(runs)) this.#deps.link.send({ is: 'entries', scope, runs: part, done: false })
  }
}
