/** Which scopes a device may see, and how much of them: by contact, and by the groups that its person and the owner's belong to. */

import { causesOf } from '../../protocol/group-log.ts'
import { directId, type DeviceId, type PersonId, type Scope } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'

/** `roster`: operations and nothing else, which is what those may see who were invited and have not answered. */
export type Part = 'roster' | 'all'

/** What the contacts say of a person. */
export interface Standings {
  readonly isContact: (person: PersonId) => boolean
  readonly isBlocked: (person: PersonId) => boolean
}

/** What one group's operations say of a person. */
interface Mention {
  /** Operations rest on the person's log. */
  isNeeded: boolean
  /** Some are by the person's own devices: they are there by their own word. */
  isThere: boolean
}

/** Whom the operations of one group name, as far as they were looked at. */
interface Named {
  readonly persons: Map<PersonId, Mention>
  looked: readonly LoggedOperation[]
  /** Devices that wrote some of them, other than a no. */
  readonly authors: Set<DeviceId>
  /** Who belonged then. */
  members: string
  /** When the owner was last said to have left or to be removed, by the author's clock; 0 if never. */
  outMs: number
}

/**
 * For so long after the owner left or was removed, devices of the group are still given what the owner did there, and may bring
 * that the owner was added again. They hear nothing else.
 */
export const formerMemberMs = 7 * 24 * 3600 * 1000

const nobody: ReadonlySet<ScopeState> = new Set()

const nobodyNamed = (): Named => ({ persons: new Map(), looked: [], authors: new Set(), members: '', outMs: 0 })

export class Sharing {
  readonly #core: Pick<Core, 'scopes' | 'people' | 'self' | 'now'>
  readonly #named = new Map<ScopeState, Named>()
  /** The groups whose operations name a person. */
  readonly #groups = new Map<PersonId, Set<ScopeState>>()
  /** Set by whoever keeps the contacts. */
  standings: Standings = { isContact: () => false, isBlocked: () => false }

  constructor(core: Pick<Core, 'scopes' | 'people' | 'self' | 'now'>) {
    this.#core = core
  }

  /** Looks at every group that is here. */
  start(): void {
    for (const state of this.#core.scopes.all()) this.refresh(state)
  }

  /** A scope's log says more. True if some device may see more or less than before. */
  appended(scope: Scope): boolean {
    const state = this.#core.scopes.get(scope)
    if (state?.record.kind === 'group') return this.refresh(state)
    if (state?.record.kind !== 'person' || !this.names(state.record.person)) return false
    for (const group of this.naming(state.record.person)) this.refresh(group)
    return true
  }

  /** Looks at what is new of a group's operations; true if others belong to it, or are named. */
  refresh(group: ScopeState): boolean {
    if (group.record.kind !== 'group' || group.isGone) return false
    const named = this.#named.get(group) ?? nobodyNamed()
    this.#named.set(group, named)
    const operations = group.durableOperations
    const before = named.persons.size
    const authors = named.authors.size
    // Operations are added at the end, but for own ones that were lost and taken out.
    const { length } = named.looked
    const goesOn = length <= operations.length && operations[length - 1] === named.looked[length - 1]
    for (const each of goesOn ? operations.slice(length) : operations) this.#name(group, named, each)
    named.looked = operations
    const members = this.#membersOf(group)
    // By their first operation people are there by their own word: more of them is shown from then on.
    const isChanged = members !== named.members || named.persons.size > before || named.authors.size > authors
    named.members = members
    return isChanged
  }

  #membersOf(group: ScopeState): string {
    const { members } = this.#core.people.rosterOf(group)
    return [...members.values()].map(({ person, state }) => `${person} ${state}`).join()
  }

  #name(group: ScopeState, named: Named, logged: LoggedOperation): void {
    const { device, hlc } = logged.header
    if (this.#isOut(logged)) named.outMs = Math.max(named.outMs, hlc.wallMs)
    const { persons, authors } = named
    if (logged.operation?.kind !== 'decline') authors.add(device)
    const rested = new Set(restsOn(logged))
    for (const person of personsIn(logged)) {
      const mention = persons.get(person) ?? { isNeeded: false, isThere: false }
      persons.set(person, mention)
      mention.isNeeded ||= rested.has(person)
      const groups = this.#groups.get(person) ?? new Set()
      this.#groups.set(person, groups.add(group))
    }
  }

  #isOut({ header, operation }: LoggedOperation): boolean {
    const { self, people } = this.#core
    if (operation?.kind === 'remove') return operation.person === self.person
    return operation?.kind === 'leave' && people.personOf(header.device) === self.person
  }

  /**
   * What of the owner a group shows to its members: everything once the owner has joined, for a while the operations after that ended,
   * and nothing while the owner was only invited: anybody could invite them to learn where they are.
   */
  #ownPart(group: ScopeState): Part | undefined {
    const { people, self, now } = this.#core
    const own = people.rosterOf(group).members.get(self.person)
    if (own !== undefined) return own.state === 'joined' ? 'all' : undefined
    const out = this.#named.get(group)?.outMs ?? 0
    return now() - out < formerMemberMs ? 'roster' : undefined
  }

  /**
   * What the members of a group may have of somebody whom it names. Nobody can judge operations without the logs that they rest on.
   * Where a person is, and what they call themselves, is for those whose group they joined themselves and have not left: others may
   * name whomever they know the log of, to learn that.
   */
  #shownIn(group: ScopeState, person: PersonId): Part | undefined {
    const named = this.#named.get(group)
    const mention = named?.persons.get(person)
    if (named === undefined || mention?.isNeeded !== true) return undefined
    const { people } = this.#core
    if (people.rosterOf(group).members.get(person)?.state !== 'joined') return 'roster'
    if (!mention.isThere) {
      const { devices, removed } = people.stateOf(person)
      mention.isThere = [...devices.keys(), ...removed.keys()].some((device) => named.authors.has(device))
    }
    return mention.isThere ? 'all' : 'roster'
  }

  forget(scope: Scope): void {
    const group = [...this.#named.keys()].find(({ record }) => record.scope === scope)
    if (group === undefined) return
    for (const person of this.#named.get(group)?.persons.keys() ?? []) {
      this.#groups.get(person)?.delete(group)
      if (this.#groups.get(person)?.size === 0) this.#groups.delete(person)
    }
    this.#named.delete(group)
  }

  /** The groups whose operations name a person. */
  naming(person: PersonId): ScopeState[] {
    return [...(this.#groups.get(person) ?? nobody)]
  }

  /** The persons whom operations of a group name. */
  personsOf(operations: readonly LoggedOperation[]): PersonId[] {
    return [...new Set(operations.flatMap(personsIn))]
  }

  /** Whether the operations of some group name this person, so that their log is needed. */
  names(person: PersonId): boolean {
    return this.#groups.has(person)
  }

  /** The groups that a person belongs to, or is invited to. */
  groupsOf(person: PersonId): ScopeState[] {
    if (this.standings.isBlocked(person)) return []
    return [...(this.#groups.get(person) ?? nobody)].filter((group) => this.#isMember(group, person))
  }

  /** The persons who belong to some group that is here, or are invited to one; the owner is not among them. */
  coMembers(): PersonId[] {
    const { self } = this.#core
    return [...this.#groups.keys()].filter((each) => each !== self.person && this.isCoMember(each))
  }

  isCoMember(person: PersonId): boolean {
    return this.#sharedPart(person) !== undefined
  }

  /** What of the owner's is to be shown to a person because of the groups that both are named in. */
  #sharedPart(person: PersonId): Part | undefined {
    if (this.standings.isBlocked(person)) return undefined
    let part: Part | undefined
    for (const group of this.#groups.get(person) ?? nobody) {
      if (!this.#isMember(group, person)) continue
      part = this.#ownPart(group) ?? part
      if (part === 'all') return part
    }
    return part
  }

  #isMember(group: ScopeState, person: PersonId): boolean {
    return this.#core.people.rosterOf(group).members.has(person)
  }

  /** Whether a person's devices are to be linked: their log, at least, may be theirs to see. */
  isNear(person: PersonId): boolean {
    return this.standings.isContact(person) || this.isCoMember(person)
  }

  /** Asked for every frame, so it names no ids and walks no long lists. */
  partFor(device: DeviceId, scope: Scope): Part | undefined {
    const { self, people, scopes } = this.#core
    const state = scopes.get(scope)
    const person = people.personOf(device)
    if (state === undefined || person === undefined || device === self.device) return undefined
    if (person === self.person) return 'all'
    return this.#partFor(person, state)
  }

  #partFor(person: PersonId, state: ScopeState): Part | undefined {
    const { self, people } = this.#core
    const { kind, person: whose } = state.record
    switch (kind) {
      case 'self':
        return undefined
      case 'direct':
        return whose === person && this.standings.isContact(person) ? 'all' : undefined
      case 'group': {
        if (this.standings.isBlocked(person)) return undefined
        const member = people.rosterOf(state).members.get(person)
        return member === undefined ? undefined : member.state === 'joined' ? 'all' : 'roster'
      }
      case 'person':
        if (whose !== person && whose !== self.person) return this.#namedFor(person, whose)
        return this.standings.isContact(person) ? 'all' : this.#sharedPart(person)
    }
    return kind satisfies never
  }

  /** The most that a group which `person` belongs to shows of `whose`. */
  #namedFor(person: PersonId, whose: PersonId): Part | undefined {
    if (this.standings.isBlocked(person)) return undefined
    let part: Part | undefined
    for (const group of this.#groups.get(whose) ?? nobody) {
      if (!this.#isMember(group, person)) continue
      part = this.#shownIn(group, whose) ?? part
      if (part === 'all') return part
    }
    return part
  }

  /** Persons come first. */
  scopesFor(device: DeviceId): Scope[] {
    const { self, people, scopes } = this.#core
    const person = people.personOf(device)
    if (person === undefined || device === self.device) return []
    if (person === self.person) return [...scopes.all()].map(({ record }) => record.scope)
    if (!this.isNear(person)) return []
    const groups = this.groupsOf(person)
    const persons = groups.flatMap((group) => [...(this.#named.get(group)?.persons.keys() ?? [])])
    const conversations = [directId(self.person, person), ...groups.map(({ record }) => record.scope)]
    return [...new Set<Scope>([self.person, person, ...persons, ...conversations])].filter((scope) => {
      const state = scopes.get(scope)
      return state !== undefined && this.#partFor(person, state) !== undefined
    })
  }
}

/** The persons on whose logs an operation of a group rests. */
const restsOn = (logged: LoggedOperation): PersonId[] =>
  causesOf(logged).flatMap((head) => (head.scope === logged.scope ? [] : [head.scope as PersonId]))

/** The persons whom an operation of a group speaks of, and on whose logs it rests. */
export function personsIn(logged: LoggedOperation): PersonId[] {
  const { operation } = logged
  const rested = restsOn(logged)
  if (operation === undefined) return rested
  if (operation.kind === 'createGroup') return [operation.founder, ...rested]
  return 'person' in operation ? [operation.person, ...rested] : rested
}
