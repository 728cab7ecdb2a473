/** Keys of epochs, between this device and its peers: those who are entitled get what is here, and what comes is checked. */

import { checkEpochKey, epochIdFor } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, EpochId, Scope } from '../../protocol/ids.ts'
import type { Core } from './core.ts'
import { unwrapped } from './parent-keys.ts'
import { missingKeysOf } from './reader.ts'

export interface GivenKey {
  readonly epoch: EpochId
  readonly key: Uint8Array
}

export class PeerKeys {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  missing(scope: Scope): EpochId[] {
    const state = this.#core.scopes.get(scope)
    if (state === undefined || state.record.kind === 'person') return []
    return missingKeysOf(this.#core, state)
  }

  /** To a device that may see the scope. */
  given(scope: Scope, asked: readonly EpochId[], device: DeviceId): GivenKey[] {
    const state = this.#core.scopes.get(scope)
    if (state === undefined || state.record.kind === 'person') return []
    if (!this.#core.people.rosterOf(state).devices.has(device)) return []
    const group = state.record.kind === 'group' ? this.#core.people.groupOf(state).roster : undefined
    return asked.flatMap((epoch) => {
      if (group?.mayHaveKey(device, epoch) === false) return []
      const key = state.keys.get(epoch)
      return key === undefined || state.stagedKeys.has(epoch) ? [] : [{ epoch, key }]
    })
  }

  /** Throws BAD_HASH for a key that is not the one of its epoch; epochs that nobody minted are ignored. NOT_A_MEMBER: no such scope. */
  async take(scope: Scope, given: readonly GivenKey[]): Promise<void> {
    const state = this.#core.scopes.get(scope)
    if (state === undefined) throw new WarrenError('NOT_A_MEMBER', 'no such scope here')
    if (state.record.kind === 'person') return
    const { epochs } = this.#core.people.rosterOf(state)
    for (const { epoch, key } of given) {
      const known = epochs.get(epoch)
      if (known === undefined) continue
      checkEpochKey(key, known.commitment)
      if (epochIdFor(scope, known.parents, known.commitment) !== epoch)
        throw new WarrenError('BAD_HASH', 'an epoch has a wrong id')
    }
    const more = state.record.kind === 'group' ? unwrapped(state, this.#core.people.groupOf(state), given) : []
    await this.#core.commit(state, undefined, (batch, staging) => {
      for (const { epoch, key } of [...given, ...more]) {
        if (!epochs.has(epoch) || state.keys.has(epoch)) continue
        this.#core.scopes.putKey(batch, staging, epoch, key)
      }
    })
  }
}
