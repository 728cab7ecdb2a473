/** Which devices belong to which person, and who belongs to a conversation, as the logs say. */

import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { fixedRoster, reducePerson, type PersonState, type RosterState } from '../../protocol/roster.ts'
import type { ScopeState } from './scope-state.ts'

export class People {
  readonly #own: PersonId
  readonly #logOf: (person: PersonId) => readonly LoggedOperation[]
  readonly #states = new Map<PersonId, PersonState>()
  readonly #owners = new Map<DeviceId, PersonId>()

  constructor(own: PersonId, logOf: (person: PersonId) => readonly LoggedOperation[]) {
    this.#own = own
    this.#logOf = logOf
  }

  /** Reads a person's log anew; call after it changed. */
  refresh(person: PersonId): PersonState {
    for (const device of this.#states.get(person)?.devices.keys() ?? []) this.#owners.delete(device)
    const state = reducePerson(person, this.#logOf(person))
    this.#states.set(person, state)
    for (const device of state.devices.keys()) this.#owners.set(device, person)
    return state
  }

  stateOf(person: PersonId): PersonState {
    return this.#states.get(person) ?? this.refresh(person)
  }

  /** The person to whom a device belongs, if their log is here. */
  personOf(device: DeviceId): PersonId | undefined {
    return this.#owners.get(device)
  }

  /** Whether a device belongs to a conversation now. Asked for every run, so that it rests on no operation of the conversation. */
  belongs(scope: ScopeState, device: DeviceId): boolean {
    const { kind, person } = scope.record
    const owner = this.#owners.get(device)
    if (owner === undefined || kind === 'person') return false
    return owner === this.#own || (kind === 'direct' && owner === person)
  }

  /** Who belongs to a conversation; kept in `scope.roster` until something it rests on changes. */
  rosterOf(scope: ScopeState): RosterState {
    if (scope.roster === undefined) {
      const { kind, person } = scope.record
      const people = kind === 'direct' ? [this.#own, person] : [this.#own]
      const logs = new Map(people.map((each) => [each, this.#logOf(each)]))
      scope.roster = fixedRoster(people)(scope.operations, logs)
    }
    return scope.roster
  }

  /** Forgets what was computed from a person's log. */
  forget(person: PersonId, scopes: Iterable<ScopeState>): void {
    this.refresh(person)
    for (const scope of scopes) scope.roster = undefined
  }
}
