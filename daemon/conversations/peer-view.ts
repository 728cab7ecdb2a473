/** The log as peers meet it: what they may see, what they bring, and the keys between them. */

import { lanes, type Feed } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { directId, type DeviceId, type EntryId, type EpochId, type PersonId, type Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import type { Head } from '../../protocol/operation-parts.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import type { Announcer, Appended } from './announcer.ts'
import type { Core } from './core.ts'
import type { Taken } from './checks.ts'
import { GroupAccess } from './group-access.ts'
import { GroupDoor, type Considered } from './group-door.ts'
import { Intake } from './intake.ts'
import { heldUpTo, lackingOf } from './lacking.ts'
import { PersonDoor } from './person-door.ts'
import { operationsById } from './operations-by-id.ts'
import { PeerKeys, type GivenKey } from './peer-keys.ts'
import type { Recovery } from './recovery.ts'
import type { EndOf, ScopeState } from './scope-state.ts'
import { Server } from './serve.ts'
import { Sharing, type Part } from './sharing.ts'
import { Silence } from './silence.ts'
import { countAgain } from './unread.ts'
import { damagedEntry } from './whole-row.ts'
import type { Writer } from './writer.ts'

/** Told of what a device says to hold of a conversation. */
export type HoldingsHeard = (scope: ScopeState, device: DeviceId, feeds: readonly FeedRanges[]) => void

/** Implements sync's view of the log. */
export class PeerView {
  readonly #core: Core
  readonly #intake: Intake
  readonly #recovery: Recovery
  readonly #server: Server
  readonly #announcer: Announcer
  readonly #silence: Silence
  readonly #heard: HoldingsHeard
  readonly #scopesChanged = new Set<(gone?: Scope) => void>()
  readonly #persons: PersonDoor
  readonly #keys: PeerKeys
  readonly sharing: Sharing
  readonly groups: GroupDoor
  readonly access: GroupAccess

  constructor(core: Core, recovery: Recovery, writer: Writer, announcer: Announcer, heard: HoldingsHeard) {
    this.#heard = heard
    this.#core = core
    this.#silence = new Silence(core)
    this.#intake = new Intake(core, { recovery, writer, silence: this.#silence })
    this.#recovery = recovery
    this.#server = new Server(core)
    this.#announcer = announcer
    this.sharing = new Sharing(core)
    this.#keys = new PeerKeys(core)
    this.#persons = new PersonDoor(core, this.#server, async (state, runs) => await this.#take(state, runs, undefined))
    this.access = new GroupAccess(core, this.sharing)
    this.groups = new GroupDoor({
      core,
      sharing: this.sharing,
      take: async (state, runs, from) => await this.#take(state, runs, from),
      scopesChanged: () => this.scopesChanged(),
    })
    announcer.onAppended(({ scope, runs }) => {
      const isRoster = runs.some(({ entries }) => entries[0]?.sealed.header.lane === lanes.roster)
      if (isRoster && this.sharing.appended(scope)) this.scopesChanged()
    })
  }

  scopesFor(device: DeviceId): Scope[] {
    return this.sharing.scopesFor(device)
  }

  maySee(device: DeviceId, scope: Scope): boolean {
    return this.sharing.partFor(device, scope) !== undefined
  }

  partFor(device: DeviceId, scope: Scope): Part | undefined {
    return this.sharing.partFor(device, scope)
  }

  vector(scope: Scope, part: Part = 'all'): readonly VectorRow[] {
    const state = this.#core.scopes.get(scope)
    if (state === undefined) return []
    return part === 'all' ? state.vector(this.#endsOf(state)) : state.rosterVector()
  }

  digest(scope: Scope, part: Part = 'all'): Uint8Array {
    const state = this.#state(scope)
    if (part === 'roster') return state.rosterDigest()
    return state.digest(this.#endsOf(state), this.#core.people.versionOf(state))
  }

  #endsOf(state: ScopeState): EndOf | undefined {
    if (state.record.kind !== 'group') return undefined
    return (feed) => this.#core.ends.cutAt(this.#core.store, state, feed, feed.durable)
  }

  missing(scope: Scope): readonly Head[] {
    return this.groups.missing(scope)
  }

  farewells(device: DeviceId): readonly { readonly scope: Scope; readonly ids: readonly EntryId[] }[] {
    return this.groups.farewells(device)
  }

  async acceptParted(scope: Scope, runs: readonly Run[], from: DeviceId): Promise<readonly Head[] | undefined> {
    return await this.groups.acceptParted(scope, runs, from)
  }

  isOfInterest(scope: Scope, device: DeviceId): 'needed' | 'perhaps' | 'no' {
    return this.groups.isOfInterest(scope, device)
  }

  async consider(scope: Scope, gathered: ReadonlyMap<Scope, readonly Run[]>, from: DeviceId): Promise<Considered> {
    return await this.groups.consider(scope, gathered, from)
  }

  async operations(scope: Scope, ids: readonly EntryId[], device: DeviceId): Promise<readonly Run[]> {
    const state = this.#core.scopes.get(scope)
    if (state === undefined) return []
    const visible = this.groups.visible(scope, ids, device)
    return await operationsById(this.#core.store, this.#server, state, visible)
  }

  async read(
    scope: Scope,
    feeds: readonly FeedRanges[],
    budget: number,
  ): Promise<{ runs: readonly Run[]; done: boolean }> {
    return await this.#server.read(this.#state(scope), feeds, budget)
  }

  /** See SyncLog.accept(). */
  async accept(
    scope: Scope,
    runs: readonly Run[],
    from: DeviceId,
  ): Promise<{ held: FeedRanges[]; lacking: FeedRanges[] }> {
    if (!this.maySee(from, scope)) throw new WarrenError('NOT_A_MEMBER', 'the peer does not belong to this scope')
    const state = this.#state(scope)
    const taken = await this.#take(state, runs, from)
    // Own entries that came back: who brought them holds them.
    this.#core.delivery.peerHolds(state, from, taken.held)
    return taken
  }

  async #take(state: ScopeState, runs: readonly Run[], from: DeviceId | undefined): Promise<Taken> {
    try {
      return await this.#core.commit(state, from, (batch, staging) => this.#intake.take(batch, staging, runs))
    } catch (error) {
      this.#noteDamage(state, error)
      throw error
    }
  }

  /** What was to be compared with what came turned out to be damaged or gone: it is wanted again, before the next link. */
  #noteDamage(state: ScopeState, error: unknown): void {
    const at = damagedEntry(error)
    const feed = at?.[0] === state.number ? state.feedNumbered(at[1] ?? 0) : undefined
    if (feed !== undefined) this.#core.lost(state, feed, [at?.[2] ?? 0])
  }

  /** See PersonDoor. */
  previewPerson(person: PersonId, log: readonly Run[]): PersonState {
    return this.#persons.preview(person, log)
  }

  /** See PersonDoor. */
  async learnPerson(person: PersonId, log: readonly Run[]): Promise<PersonState> {
    return await this.#persons.learn(person, log)
  }

  /** Makes the conversation with another person, whose log is here. */
  async openDirect(person: PersonId): Promise<Scope> {
    const scope = directId(this.#core.self.person, person)
    // One that was deleted a moment ago is made anew by itself once it is cleared away.
    if (this.#core.scopes.isUnfinished(scope)) return scope
    const isNew = this.#core.scopes.get(scope) === undefined
    await this.#core.scopes.open(scope, 'direct', person)
    if (isNew) this.#core.bus.publish({ type: 'conversation', conversation: scope })
    this.scopesChanged()
    return scope
  }

  /** See PersonDoor. */
  async proof(): Promise<readonly Run[]> {
    return await this.#persons.proof()
  }

  /** See PersonDoor. */
  async personLog(person: PersonId): Promise<readonly Run[]> {
    return await this.#persons.log(person)
  }

  /** Persons whose logs are here. */
  persons(): PersonId[] {
    return [...this.#core.scopes.all()].flatMap(({ record }) => (record.kind === 'person' ? [record.person] : []))
  }

  /** Makes room for the log of a person, which is to come from those who hold it. */
  async openPerson(person: PersonId): Promise<void> {
    await this.#core.scopes.open(person, 'person', person)
  }

  peerHolds(scope: Scope, device: DeviceId, feeds: readonly FeedRanges[]): void {
    const state = this.#core.scopes.get(scope)
    if (state === undefined) return
    this.#core.delivery.peerHolds(state, device, feeds)
    if (state.record.kind !== 'person') this.#heard(state, device, feeds)
  }

  /** Up to which number a feed is held here without a gap; what was deleted counts as held. */
  heldUpTo(feed: Feed): number {
    return heldUpTo(this.#core.scopes.get(feed.scope), feed)
  }

  lacking(scope: Scope, feeds: readonly FeedRanges[]): FeedRanges[] {
    return lackingOf(this.#core, this.#recovery, this.#state(scope), feeds)
  }

  async recoverOwn(scope: Scope, rows: readonly VectorRow[], device: DeviceId): Promise<readonly FeedRanges[]> {
    const state = this.#state(scope)
    await this.#silence.heard(state, rows, device)
    return this.#recovery.suspicious(state, rows)
  }

  /** Nothing that this person writes is taken in the conversation with them. Throws STORE_…. */
  async silence(person: PersonId): Promise<void> {
    await this.#silence.begin(person)
    await countAgain(this.#core, (each) => this.sharing.standings.isBlocked(each))
  }

  /** What they write from now on is taken again; what they wrote meanwhile never is. Throws STORE_…. */
  async endSilence(person: PersonId): Promise<void> {
    await this.#silence.end(person)
  }

  missingKeys(scope: Scope): EpochId[] {
    return this.#keys.missing(scope)
  }

  keysFor(scope: Scope, asked: readonly EpochId[], device: DeviceId): GivenKey[] {
    return this.maySee(device, scope) ? this.#keys.given(scope, asked, device) : []
  }

  /** See PeerKeys. */
  async takeKeys(scope: Scope, given: readonly GivenKey[]): Promise<void> {
    await this.#keys.take(scope, given)
  }

  onAppended(listener: (appended: Appended) => void): () => void {
    return this.#announcer.onAppended(listener)
  }

  /** See Announcer.onKeys(). */
  onKeys(listener: (scope: Scope) => void): void {
    this.#announcer.onKeys(listener)
  }

  onScopesChanged(listener: (gone?: Scope) => void): () => void {
    this.#scopesChanged.add(listener)
    return () => {
      this.#scopesChanged.delete(listener)
    }
  }

  /** Says that some device may see more or less than before; `gone` was deleted. */
  scopesChanged(gone?: Scope): void {
    if (gone !== undefined) this.sharing.forget(gone)
    for (const listener of this.#scopesChanged) listener(gone)
  }

  personOf(device: DeviceId): PersonId | undefined {
    return this.#core.people.personOf(device)
  }

  personState(person: PersonId): PersonState {
    return this.#core.people.stateOf(person)
  }

  /** The devices whose registers a scope may carry. */
  devicesOf(scope: Scope): ReadonlySet<DeviceId> {
    const state = this.#core.scopes.get(scope)
    if (state === undefined) return new Set()
    if (state.record.kind === 'person') return new Set(this.#core.people.stateOf(state.record.person).devices.keys())
    return this.#core.people.rosterOf(state).devices
  }

  #state(scope: Scope): ScopeState {
    const state = this.#core.scopes.get(scope)
    if (state === undefined) throw new WarrenError('NOT_A_MEMBER', 'no such scope here')
    return state
  }
}
