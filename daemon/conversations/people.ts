/** Which devices belong to which person, and who belongs to a conversation, as the logs say. */

import { directId, type ConversationId, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { fixedRoster, reducePerson, type PersonState, type RosterState } from '../../protocol/roster.ts'
import { LiveGroup } from './live-group.ts'
import type { ScopeState } from './scope-state.ts'

/** Where the logs of persons are. */
export interface PersonLogs {
  readonly logOf: (person: PersonId) => readonly LoggedOperation[]
  /** Everybody whose log is here. */
  readonly persons: () => Iterable<PersonId>
}

/** `past`: of a device that was removed, so that only what counts of it is taken. */
export type Standing = 'belongs' | 'past' | 'foreign'

export class People {
  readonly #own: PersonId
  readonly #former: readonly PersonId[]
  readonly #logs: PersonLogs
  readonly #states = new Map<PersonId, PersonState>()
  readonly #owners = new Map<DeviceId, PersonId>()
  /** Also of devices that were removed. */
  readonly #onceOwners = new Map<DeviceId, PersonId>()

  constructor(
    { person, former = [] }: { readonly person: PersonId; readonly former?: readonly PersonId[] | undefined },
    logs: PersonLogs,
  ) {
    this.#own = person
    this.#former = former
    this.#logs = logs
  }

  /** Reads a person's log anew; call after it changed. */
  refresh(person: PersonId): PersonState {
    for (const device of this.#states.get(person)?.devices.keys() ?? []) this.#owners.delete(device)
    const state = reducePerson(person, this.#logs.logOf(person))
    this.#states.set(person, state)
    for (const device of state.removed) this.#onceOwners.set(device, person)
    for (const device of state.devices.keys()) {
      this.#owners.set(device, person)
      this.#onceOwners.set(device, person)
    }
    return state
  }

  stateOf(person: PersonId): PersonState {
    return this.#states.get(person) ?? this.refresh(person)
  }

  /** The person to whom a device belongs, if their log is here. */
  personOf(device: DeviceId): PersonId | undefined {
    return this.#owners.get(device)
  }

  /** The person to whom a device belongs or belonged, if their log is here. */
  onceOf(device: DeviceId): PersonId | undefined {
    return this.#owners.get(device) ?? this.#onceOwners.get(device)
  }

  /** Who wrote an entry of a conversation, as far as a log says. */
  authorOf({ record: { kind, person } }: ScopeState, device: DeviceId): PersonId | undefined {
    const said = this.saidBy(device)
    return kind === 'group' ? said : (said ?? person)
  }

  /** As onceOf(), but the owner for whomever this home belonged to before. */
  saidBy(device: DeviceId): PersonId | undefined {
    const person = this.onceOf(device)
    return person !== undefined && this.#former.includes(person) ? this.#own : person
  }

  /** Whether a conversation is one of a person that this home belonged to before: nothing is added to it any more. */
  isLeft({ record }: { readonly record: Pick<ScopeState['record'], 'kind' | 'person' | 'scope'> }): boolean {
    return this.#leftAs(record) !== undefined
  }

  /** As isLeft(), also of a group to which such a person belongs, and the owner does not. */
  isFormer(scope: ScopeState): boolean {
    if (scope.record.kind !== 'group') return this.isLeft(scope)
    if (this.#former.length === 0) return false
    const { members } = this.groupOf(scope).roster
    return !members.has(this.#own) && this.#former.some((each) => members.has(each))
  }

  #leftAs({ kind, person, scope }: Pick<ScopeState['record'], 'kind' | 'person' | 'scope'>): PersonId | undefined {
    if (kind === 'self') return person === this.#own ? undefined : person
    return kind === 'direct' ? this.#former.find((each) => scope === directId(each, person)) : undefined
  }

  /** Whether a device belongs to a conversation of one or two now, or did. Asked for every run, so that it rests on none of its operations. */
  standingOf(scope: ScopeState, device: DeviceId): Standing {
    const { kind, person } = scope.record
    const owner = this.onceOf(device)
    if (owner === undefined || this.isLeft(scope)) return 'foreign'
    if (owner !== this.#own && (kind !== 'direct' || owner !== person)) return 'foreign'
    return this.#owners.has(device) ? 'belongs' : 'past'
  }

  /** Who belongs to a conversation; of one or two persons kept in `scope.roster` until something it rests on changes. */
  rosterOf(scope: ScopeState): RosterState {
    const { kind, person } = scope.record
    if (kind === 'group') return this.groupOf(scope).roster
    if (scope.roster === undefined) {
      const own = this.#leftAs(scope.record) ?? this.#own
      const people = kind === 'direct' ? [own, person] : [own]
      const logs = new Map(people.map((each) => [each, this.#logs.logOf(each)]))
      scope.roster = fixedRoster(people)(scope.operations, logs)
    }
    return scope.roster
  }

  /** A group as all its operations that are staged say. */
  groupOf(scope: ScopeState): LiveGroup {
    scope.live ??= new LiveGroup(scope.record.scope as ConversationId, {
      ...this.#logs,
      stateOf: (person) => this.stateOf(person),
    })
    scope.live.take(scope.operations)
    return scope.live
  }

  /** What rests on the roster of a scope holds as long as this stays what it is. */
  versionOf(scope: ScopeState): number {
    return scope.record.kind === 'group' ? this.groupOf(scope).version : 0
  }

  /** Forgets what was computed from a person's log. `isTakenBack`: something that it said is gone from it. */
  forget(person: PersonId, scopes: Iterable<ScopeState>, isTakenBack: boolean): void {
    this.refresh(person)
    for (const scope of scopes) {
      scope.roster = undefined
      if (scope.record.kind !== 'group') continue
      if (isTakenBack) scope.live = undefined
      else scope.live?.learn(person)
    }
  }
}
