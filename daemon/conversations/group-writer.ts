/** Own operations of a group: each has seen all that is here, and counts, or is not written. */

import { WarrenError } from '../../protocol/errors.ts'
import { wrapParentKey } from '../../protocol/epoch.ts'
import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Head, Operation } from '../../protocol/operation.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import { mintEpoch, type UsableEpoch } from './epochs.ts'
import type { Staging } from './staging.ts'

type WithoutHeads<T> = T extends unknown ? Omit<T, 'heads'> : never
/** An operation whose author names what it has seen when it is written. */
export type BareOperation = WithoutHeads<Operation>

export interface GroupWriterDeps {
  readonly core: Core
  /** Puts an operation into the own feed, signed by itself. */
  readonly append: (batch: Batch, staging: Staging, operation: Operation) => LoggedOperation
}

export class GroupWriter {
  readonly #deps: GroupWriterDeps

  constructor(deps: GroupWriterDeps) {
    this.#deps = deps
  }

  /** `others`: who has not joined and is spoken of. Throws NOT_ALLOWED for one that would not count: nothing of the build is written. */
  append(batch: Batch, staging: Staging, bare: BareOperation, others: readonly PersonId[] = []): LoggedOperation {
    const { people, self } = this.#deps.core
    const { scope } = staging
    const heads = this.#heads(batch, staging, [self.person, ...others])
    const logged = this.#deps.append(batch, staging, { ...bare, heads })
    const { roster } = people.groupOf(scope)
    if (!roster.counts(logged.id)) throw new WarrenError('NOT_ALLOWED', 'the group does not allow that')
    return logged
  }

  /** A new epoch for the devices that belong now, sealed with a fresh key. */
  mint(batch: Batch, staging: Staging): UsableEpoch {
    const { people, scopes, random, now } = this.#deps.core
    const { scope } = staging
    const id = scope.record.scope as ConversationId
    const { roster } = people.groupOf(scope)
    const key = random(32)
    const { epoch, operation } = mintEpoch(id, roster, [], key)
    if (operation.kind !== 'epoch') throw new Error('an epoch is made by an epoch')
    const isOpen = roster.settings.history === 'everything'
    const parentKeys = operation.parents.flatMap((parent) => {
      const parentKey = isOpen ? scope.keys.get(parent) : undefined
      if (parentKey === undefined) return []
      return [{ epoch: parent, sealed: wrapParentKey({ scope: id, epoch, parent }, key, parentKey, random(32)) }]
    })
    this.append(batch, staging, { ...operation, parentKeys })
    scopes.putKey(batch, staging, epoch, key)
    return { epoch, key, mintedMs: now() }
  }

  /** What does not fit into one operation goes before it, into one that does nothing else. */
  #heads(batch: Batch, staging: Staging, persons: readonly PersonId[]): readonly Head[] {
    const { people } = this.#deps.core
    for (;;) {
      const heads = people.groupOf(staging.scope).roster.newsWith(persons)
      if (heads.length <= limits.operationHeads) return heads
      const some = heads.slice(0, limits.operationHeads)
      this.#deps.append(batch, staging, { kind: 'cutOff', cutOffs: [], heads: some })
    }
  }
}
