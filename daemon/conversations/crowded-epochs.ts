/**
 * While the logs of persons have more ends beside each other than an operation can name, which takes a stolen device that means it, no
 * epoch has seen all of them, and none fits. So that not every message brings a new one, what was made here last is used until one of
 * these logs changes: whoever belongs, or does not, is the same until then.
 */

import { limits } from '../../protocol/limits.ts'
import type { EpochId } from '../../protocol/ids.ts'
import type { RosterState } from '../../protocol/roster.ts'
import type { Core } from './core.ts'
import type { UsableEpoch } from './epochs.ts'
import type { ScopeState } from './scope-state.ts'

interface Made {
  readonly ends: string
  readonly epoch: UsableEpoch
}

export class CrowdedEpochs {
  readonly #people: Pick<Core['people'], 'rosterOf' | 'stateOf'>
  readonly #made = new WeakMap<ScopeState, Made>()

  constructor(people: Pick<Core['people'], 'rosterOf' | 'stateOf'>) {
    this.#people = people
  }

  /** An epoch was made here, of one or two persons. */
  made(scope: ScopeState, epoch: UsableEpoch): void {
    const ends = this.#ends(this.#people.rosterOf(scope))
    if (ends !== undefined) this.#made.set(scope, { ends, epoch })
  }

  /** What was made last, if nothing changed since then, and it was written. */
  usable(scope: ScopeState): UsableEpoch | undefined {
    const made = this.#made.get(scope)
    if (made === undefined) return undefined
    const roster = this.#people.rosterOf(scope)
    const isHere = (epoch: EpochId): boolean => roster.epochs.has(epoch) && scope.keys.has(epoch)
    return isHere(made.epoch.epoch) && this.#ends(roster) === made.ends ? made.epoch : undefined
  }

  /** Where the logs of all persons end; undefined while an operation can name that. */
  #ends({ members, heads }: RosterState): string | undefined {
    const ends = [...members.keys()].flatMap((person) => this.#people.stateOf(person).heads.map(({ id }) => id))
    if (ends.length + heads.length <= limits.operationHeads) return undefined
    return ends.toSorted().join(' ')
  }
}
