/** Keys of earlier epochs that come wrapped in a later one, where a group keeps nothing from newcomers. */

import { checkEpochKey, unwrapParentKey } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { EpochId } from '../../protocol/ids.ts'
import type { LiveGroup } from './live-group.ts'
import type { ScopeState } from './scope-state.ts'

export interface KeyOf {
  readonly epoch: EpochId
  readonly key: Uint8Array
}

/** What the keys of these epochs open, and what that opens; each is the key of its epoch. */
export function unwrapped(scope: ScopeState, live: LiveGroup, given: readonly KeyOf[]): KeyOf[] {
  const found: KeyOf[] = []
  const known = new Set<EpochId>([...scope.keys.keys(), ...given.map(({ epoch }) => epoch)])
  const queue = [...given]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const operation of live.epochOperations(next.epoch)) {
      for (const { epoch: parent, sealed } of operation.parentKeys) {
        const commitment = live.roster.epochs.get(parent)?.commitment
        if (known.has(parent) || commitment === undefined) continue
        const key = opened({ scope, epoch: next.epoch, parent }, next.key, sealed, commitment)
        if (key === undefined) continue
        known.add(parent)
        found.push({ epoch: parent, key })
        queue.push({ epoch: parent, key })
      }
    }
  }
  return found
}

/** Undefined where its author wrapped something else. */
function opened(
  { scope, epoch, parent }: { scope: ScopeState; epoch: EpochId; parent: EpochId },
  key: Uint8Array,
  sealed: Uint8Array,
  commitment: Uint8Array,
): Uint8Array | undefined {
  try {
    const parentKey = unwrapParentKey({ scope: scope.record.scope, epoch, parent }, key, sealed)
    checkEpochKey(parentKey, commitment)
    return parentKey
  } catch (error) {
    if (error instanceof WarrenError) return undefined
    throw error
  }
}
