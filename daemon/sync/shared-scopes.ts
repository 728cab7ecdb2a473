/** The scopes that one link shares, each with as much of it as the peer may see now. */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import type { SyncLog } from './log.ts'
import { SharedScope } from './shared-scope.ts'

export interface SharedScopesDeps {
  readonly device: DeviceId
  readonly log: Pick<SyncLog, 'partFor'>
  /** What was due in a scope is due no more. */
  readonly forgotten: (shared: SharedScope) => void
  /** The peer sees more or less of a scope than before: all is told anew. */
  readonly begunAnew: (shared: SharedScope) => void
}

export class SharedScopes {
  readonly #deps: SharedScopesDeps
  readonly #all = new Map<Scope, SharedScope>()

  constructor(deps: SharedScopesDeps) {
    this.#deps = deps
  }

  values(): IterableIterator<SharedScope> {
    return this.#all.values()
  }

  /** As it was last used, whoever may see it by now. */
  get(scope: Scope): SharedScope | undefined {
    return this.#all.get(scope)
  }

  /** Undefined if the peer may not see the scope. */
  visible(scope: Scope): SharedScope | undefined {
    const { device, log, begunAnew } = this.#deps
    const part = log.partFor(device, scope)
    if (part === undefined) return undefined
    const known = this.#all.get(scope)
    if (known?.part === part) return known
    const shared = new SharedScope(scope, part)
    // What was asked for before it was due may be due now.
    for (const epoch of known?.owed ?? []) shared.owed.add(epoch)
    if (known !== undefined) this.forget(scope)
    this.#all.set(scope, shared)
    if (known !== undefined) begunAnew(shared)
    return shared
  }

  forget(scope: Scope): void {
    const shared = this.#all.get(scope)
    if (shared === undefined) return
    this.#all.delete(scope)
    this.#deps.forgotten(shared)
  }

  /** Keeps these alone. */
  keep(scopes: ReadonlySet<Scope>): void {
    for (const scope of this.#all.keys()) if (!scopes.has(scope)) this.forget(scope)
  }
}
