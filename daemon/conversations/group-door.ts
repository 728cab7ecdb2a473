/** How groups and the logs of their people come into this home: a scope that a peer offers is judged in memory before anything of it is stored. */

import { causalPast } from '../../protocol/causality.ts'
import { kinds, lanes } from '../../protocol/entry.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import { compareHlc } from '../../protocol/hlc.ts'
import type { ConversationId, DeviceId, EntryId, PersonId, Scope } from '../../protocol/ids.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Head } from '../../protocol/operation-parts.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import { topOf } from './checks.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'
import type { Sharing } from './sharing.ts'

/** What became of a scope that was offered. */
export type Considered =
  | { readonly is: 'kept' }
  | { readonly is: 'foreign' }
  | { readonly is: 'lacking'; readonly scopes: readonly Scope[] }

export interface GroupDoorDeps {
  readonly core: Core
  readonly sharing: Sharing
  /** Stores runs of a scope that is here. */
  readonly take: (state: ScopeState, runs: readonly Run[], from: DeviceId) => Promise<unknown>
  readonly scopesChanged: () => void
}

const foreign: Considered = { is: 'foreign' }
const kept: Considered = { is: 'kept' }

/** Whoever adds a device signs after those whom they name: the clock tells what rests on what, for honest logs. */
const oldestFirst = (runs: readonly Run[]): Run[] =>
  runs.toSorted(
    (a, b) =>
      Number(topOf(b).header.kind === kinds.createPerson) - Number(topOf(a).header.kind === kinds.createPerson) ||
      compareHlc(topOf(a).header.hlc, topOf(b).header.hlc),
  )

const operationsIn = (runs: readonly Run[]): LoggedOperation[] =>
  runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) => (slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [])),
  )

export class GroupDoor {
  readonly #deps: GroupDoorDeps
  /** Groups that the owner asked to be let into. */
  isAwaited: (group: Scope) => boolean = () => false

  constructor(deps: GroupDoorDeps) {
    this.#deps = deps
  }

  /** See SyncLog. */
  isOfInterest(scope: Scope, device: DeviceId): 'needed' | 'perhaps' | 'no' {
    const { core, sharing } = this.#deps
    const { scopes, people, self } = core
    // What is here and not for this peer must look like what is not here.
    const isHere = scopes.get(scope) !== undefined || scopes.isUnfinished(scope)
    if (!isHere && (sharing.names(scope as PersonId) || this.isAwaited(scope))) return 'needed'
    const person = people.personOf(device)
    const isKnown = person !== undefined && (person === self.person || sharing.isNear(person))
    return isKnown ? 'perhaps' : 'no'
  }

  /** See SyncLog. */
  async consider(scope: Scope, gathered: ReadonlyMap<Scope, readonly Run[]>, from: DeviceId): Promise<Considered> {
    const { core, sharing } = this.#deps
    if (sharing.partFor(from, scope) !== undefined) return kept
    if (core.scopes.get(scope) !== undefined || core.scopes.isUnfinished(scope)) return foreign
    if (this.isOfInterest(scope, from) === 'no') return foreign
    const runs = gathered.get(scope) ?? []
    if (sharing.names(scope as PersonId)) return await this.#considerPerson(scope as PersonId, runs, from)
    return await this.#considerGroup(scope as ConversationId, gathered, from)
  }

  async #considerPerson(person: PersonId, runs: readonly Run[], from: DeviceId): Promise<Considered> {
    if (!(await this.#keepPerson(person, runs, from))) return foreign
    this.#deps.scopesChanged()
    return kept
  }

  async #keepPerson(person: PersonId, runs: readonly Run[], from: DeviceId): Promise<boolean> {
    const { core, take } = this.#deps
    const log = oldestFirst(runs)
    const [first] = log
    // Nothing is stored for a name that somebody made up.
    if (first === undefined || (topOf(first).id as string) !== person) return false
    await take(await core.scopes.open(person, 'person', person), log, from)
    return true
  }

  async #considerGroup(
    group: ConversationId,
    gathered: ReadonlyMap<Scope, readonly Run[]>,
    from: DeviceId,
  ): Promise<Considered> {
    const { sharing, take, scopesChanged } = this.#deps
    const runs = oldestFirst(gathered.get(group) ?? [])
    const operations = operationsIn(runs)
    const create = operations.find(({ id }) => (id as string) === group)?.operation
    if (create?.kind !== 'createGroup') return foreign
    const persons = sharing.personsOf(operations)
    const lacking = persons.filter((each) => this.#logOf(each) === undefined && !gathered.has(each))
    if (lacking.length > 0) return { is: 'lacking', scopes: lacking }
    if (!this.#isTheOwners(group, operations, persons, gathered)) return foreign
    // All at once: hundreds of logs share a few writes of the keyring and of the database.
    const unknown = persons.filter((person) => this.#logOf(person) === undefined)
    await Promise.all(unknown.map(async (person) => await this.#keepPerson(person, gathered.get(person) ?? [], from)))
    await this.keep(group, create.founder, async (state) => void (await take(state, runs, from)))
    scopesChanged()
    return kept
  }

  /** Whether the owner belongs to a group, or is invited and has room for that. */
  #isTheOwners(
    group: ConversationId,
    operations: readonly LoggedOperation[],
    persons: readonly PersonId[],
    gathered: ReadonlyMap<Scope, readonly Run[]>,
  ): boolean {
    const { self } = this.#deps.core
    const roster = new GroupRoster(group)
    for (const person of persons) roster.learn(person, this.#logOf(person) ?? operationsIn(gathered.get(person) ?? []))
    roster.take(operations)
    const own = roster.members.get(self.person)
    return own?.state === 'joined' || (own !== undefined && this.#hasRoom(operations, roster))
  }

  /** The log of a person; undefined where a stop left room for it that was never filled, too. */
  #logOf(person: PersonId): readonly LoggedOperation[] | undefined {
    const operations = this.#deps.core.scopes.get(person)?.operations ?? []
    return operations.length > 0 ? operations : undefined
  }

  /** Makes the group here, and fills it. */
  async keep(group: ConversationId, founder: PersonId, fill: (state: ScopeState) => Promise<void>): Promise<void> {
    const { core, sharing } = this.#deps
    const state = await core.scopes.open(group, 'group', founder)
    await fill(state)
    sharing.refresh(state)
    core.bus.publish({ type: 'conversation', conversation: group })
  }

  /** Invitations by people whom the owner does not know are a request, of which there are so many at most; those by the blocked are none. */
  #hasRoom(operations: readonly LoggedOperation[], roster: GroupRoster): boolean {
    const { core, sharing } = this.#deps
    const own = core.self.person
    const by = inviters(operations, roster, own, (device) => core.people.personOf(device))
    if (by.some((each) => each === own || sharing.standings.isContact(each))) return true
    if (by.length > 0 && by.every((each) => sharing.standings.isBlocked(each))) return false
    const waiting = [...core.scopes.all()].filter(
      (each) => each.record.kind === 'group' && core.people.rosterOf(each).members.get(own)?.state === 'invited',
    )
    return waiting.length < limits.strangerInvitations
  }

  /** See SyncLog. */
  missing(scope: Scope): readonly Head[] {
    const { scopes, people } = this.#deps.core
    const state = scopes.get(scope)
    if (state?.record.kind !== 'group') return []
    return people.groupOf(state).roster.missing
  }

  /** The ids of `asked` that the device may have: all of a scope that it sees, and of a group that shut out its person what tells of that. */
  visible(scope: Scope, asked: readonly EntryId[], device: DeviceId): EntryId[] {
    const { core, sharing } = this.#deps
    if (sharing.partFor(device, scope) !== undefined) return [...asked]
    const state = core.scopes.get(scope)
    const partings = state === undefined ? [] : this.#partings(state, device)
    if (state === undefined || partings.length === 0) return []
    const past = causalPast(new Map(state.durableOperations.map((each) => [each.id, each])), partings)
    return asked.filter((id) => past.has(id) || partings.includes(id))
  }

  /**
   * Two who removed each other have to learn of that from each other, if there is nobody else: which of the removals counts depends on both. See
   * SyncLog.
   */
  async acceptParted(scope: Scope, runs: readonly Run[], from: DeviceId): Promise<readonly Head[] | undefined> {
    const { core, take } = this.#deps
    const state = core.scopes.get(scope)
    if (state === undefined || this.#partings(state, from).length === 0) return undefined
    const named = new Set(this.missing(scope).map(({ id }) => id))
    const meant = runs.filter((run) => isOperation(run) && (named.has(topOf(run).id) || removes(run, core.self.person)))
    if (meant.length > 0) await take(state, meant, from)
    return this.missing(scope)
  }

  /** See SyncLog. */
  farewells(device: DeviceId): { scope: Scope; ids: EntryId[] }[] {
    const { core, sharing } = this.#deps
    const person = core.people.personOf(device)
    if (person === undefined || person === core.self.person) return []
    return sharing.naming(person).flatMap((state) => {
      const ids = this.#partings(state, device)
      return ids.length === 0 ? [] : [{ scope: state.record.scope, ids }]
    })
  }

  /** What shut out the person of a device, who does not belong any more, as far as it is durable. */
  #partings(state: ScopeState, device: DeviceId): EntryId[] {
    const { people } = this.#deps.core
    const person = people.personOf(device)
    if (state.record.kind !== 'group' || person === undefined) return []
    const ids = people.groupOf(state).partings(person)
    if (ids.length === 0) return []
    const durable = new Set(state.durableOperations.map(({ id }) => id))
    return ids.filter((id) => durable.has(id))
  }
}

const isOperation = (run: Run): boolean => topOf(run).header.lane === lanes.roster

const removes = (run: Run, person: PersonId): boolean =>
  operationsIn([run]).some(({ operation }) => operation?.kind === 'remove' && operation.person === person)

/** Who added or let in a person, as far as it counts. */
function inviters(
  operations: readonly LoggedOperation[],
  roster: GroupRoster,
  person: PersonId,
  personOf: (device: DeviceId) => PersonId | undefined,
): PersonId[] {
  return operations.flatMap(({ id, operation, header }) => {
    const isAbout = (operation?.kind === 'add' || operation?.kind === 'admit') && operation.person === person
    return isAbout && roster.counts(id) ? (personOf(header.device) ?? []) : []
  })
}
