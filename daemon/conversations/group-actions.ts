/** What the owner does in groups: each is one durable batch, with the new epoch where somebody came or went. */

import { lanes } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { groupRights, mayGive, mayRule, rankOf } from '../../protocol/group-rights.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import { rightFor } from '../../protocol/group-settings.ts'
import type { ConversationId, EntryId, PersonId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { CutOff, Role, Setting } from '../../protocol/operation.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import type { Admission } from './group-access.ts'
import { foundingEntry } from './founding.ts'
import { endsOf, endsOfLeaver } from './group-ends.ts'
import type { BareOperation } from './group-writer.ts'
import type { ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'
import type { Writer } from './writer.ts'

export interface GroupActionsDeps {
  readonly core: Core
  readonly writer: Writer
  /** Devices may see more or less than before. */
  readonly scopesChanged: () => void
}

/** What one action writes, in order. */
type Write = (bare: BareOperation, others?: readonly PersonId[]) => EntryId

export class GroupActions {
  readonly #deps: GroupActionsDeps
  /** Fetches the newest messages of a person that linked members hold, within seconds; set by whoever has the links. */
  gatherTops: (scope: Scope, person: PersonId) => Promise<void> = () => Promise.resolve()

  constructor(deps: GroupActionsDeps) {
    this.#deps = deps
  }

  /** Makes a group with others in it, who have to accept: their logs are here. */
  async create(policy: readonly Setting[], others: readonly PersonId[]): Promise<ConversationId> {
    const { core, scopesChanged } = this.#deps
    const { self, scopes } = core
    const stored = foundingEntry(core, policy)
    const scope = stored.sealed.id as string as ConversationId
    const { generation } = stored.sealed.header
    const state = await scopes.open(scope, 'group', self.person, generation)
    await this.#commit(state, (write, batch, staging) => {
      const feed = core.feedState(batch, staging, { scope, device: self.device, lane: lanes.roster, generation })
      core.append(batch, staging, feed, [stored])
      const { sealed, payload = new Uint8Array(0), signature } = stored
      staging.ownRuns.push({ signature, entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }] })
      for (const person of others) write({ kind: 'add', person, role: 'member' }, [person])
      this.#deps.writer.groups.mint(batch, staging)
      staging.setRecord({ ...staging.scope.staged, listed: true })
    })
    scopesChanged()
    return scope
  }

  /** Throws NOT_ALLOWED, CONFLICT, NOT_FOUND if nothing is known of the person. */
  async add(id: Scope, person: PersonId, role: Role): Promise<void> {
    const { state, roster, member } = this.#own(id)
    if (roster.members.has(person)) throw new WarrenError('CONFLICT', 'that person belongs already, or is invited')
    this.#need(roster, member.role, 'invite', 'your role does not allow adding people')
    if (!mayGive(member.role, role)) throw notAllowed('your role does not allow giving that role')
    if (this.#deps.core.people.stateOf(person).devices.size === 0)
      throw new WarrenError('NOT_FOUND', 'nothing is known of that person yet')
    await this.#commit(state, (write) => write({ kind: 'add', person, role }, [person]))
    this.#deps.scopesChanged()
  }

  /** Throws CONFLICT if nobody added the owner. */
  async accept(id: Scope): Promise<void> {
    const state = this.#invited(id)
    await this.#commit(state, (write, batch, staging) => {
      write({ kind: 'accept' })
      this.#deps.writer.groups.mint(batch, staging)
    })
    this.#deps.scopesChanged()
  }

  /** Throws CONFLICT if nobody added the owner. */
  async decline(id: Scope): Promise<void> {
    const state = this.#invited(id)
    await this.#commit(state, (write) => write({ kind: 'decline' }))
  }

  /** Throws NOT_ALLOWED for the root owner of a group that goes on. */
  async leave(id: Scope): Promise<void> {
    const { state, roster } = this.#own(id)
    const { self } = this.#deps.core
    if (roster.root === self.person && !roster.closed && roster.members.size > 1)
      throw notAllowed('hand the group over to somebody first, or close it')
    await this.#commit(state, (write, batch) => {
      const cutOffs = endsOfLeaver(this.#deps.core, batch, state, self.person).slice(0, limits.operationCutOffs)
      write({ kind: 'leave', cutOffs })
    })
  }

  /** Throws NOT_ALLOWED, NOT_FOUND. */
  async remove(id: Scope, person: PersonId): Promise<void> {
    const { state, roster, member } = this.#own(id)
    const other = roster.members.get(person)
    if (other === undefined) throw new WarrenError('NOT_FOUND', 'no such member')
    if (person === this.#deps.core.self.person) throw notAllowed('one leaves, and does not remove oneself')
    if (roster.root === person) throw notAllowed('the owner who has the group in hand cannot be removed')
    if (!mayRule(member.role, other.role)) throw notAllowed('your role does not allow removing them')
    await this.gatherTops(state.record.scope, person)
    await this.#commit(state, (write, batch, staging) => {
      write({ kind: 'remove', person, cutOffs: this.#ends(batch, state, person) }, [person])
      this.#deps.writer.groups.mint(batch, staging)
    })
    this.#deps.scopesChanged()
  }

  /** Throws NOT_ALLOWED, NOT_FOUND, CONFLICT if they have that role. */
  async setRole(id: Scope, person: PersonId, role: Role): Promise<void> {
    const { state, roster, member } = this.#own(id)
    const other = roster.members.get(person)
    const { self } = this.#deps.core
    if (other === undefined) throw new WarrenError('NOT_FOUND', 'no such member')
    if (other.role === role) throw new WarrenError('CONFLICT', 'they have that role already')
    if (roster.root === person) throw notAllowed('the owner who has the group in hand keeps that role')
    const isOwnDemotion = person === self.person && rankOf(role) < rankOf(member.role)
    if (!isOwnDemotion && !(mayRule(member.role, other.role) && mayGive(member.role, role)))
      throw notAllowed('your role does not allow giving them that role')
    const isShut = rankOf(role) < rankOf(roster.settings.post)
    if (isShut) await this.gatherTops(state.record.scope, person)
    await this.#commit(state, (write, batch) =>
      write({ kind: 'setRole', person, role, cutOffs: isShut ? this.#ends(batch, state, person) : [] }, [person]),
    )
  }

  /** Throws NOT_ALLOWED, NOT_FOUND. */
  async transfer(id: Scope, person: PersonId): Promise<void> {
    const { state, roster } = this.#own(id)
    if (roster.members.get(person)?.state !== 'joined') throw new WarrenError('NOT_FOUND', 'they have not joined')
    if (roster.root !== this.#deps.core.self.person || person === this.#deps.core.self.person)
      throw notAllowed('only the owner who has the group in hand can hand it over')
    await this.#commit(state, (write) => write({ kind: 'transfer', person }, [person]))
  }

  /** What says the same as now is left out. Throws NOT_ALLOWED, BAD_SHAPE. */
  async settings(id: Scope, wanted: readonly Setting[]): Promise<void> {
    const { state, roster, member } = this.#own(id)
    const { core } = this.#deps
    if (wanted.some(isRule) && member.role !== groupRights.setRules)
      throw notAllowed('your role does not allow changing the rules')
    if (!wanted.every(isRule)) this.#need(roster, member.role, 'change', 'your role does not allow changing that')
    const post = wanted.find(([name]) => name === 'post')?.[1] as Role | undefined
    const before = roster.settings.post
    const shut = [...roster.members.values()].filter(
      ({ role }) => post !== undefined && rankOf(role) >= rankOf(before) && rankOf(role) < rankOf(post),
    )
    const named = wanted.filter(([name]) => name === 'name')
    const others = wanted.filter(([name]) => name !== 'name')
    await this.#commit(state, (write, batch) => {
      if (named.length > 0) write({ kind: 'settings', settings: named, cutOffs: [] })
      if (others.length === 0) return
      const cutOffs = shut.flatMap(({ person }) => endsOf(core, batch, state, person))
      write({ kind: 'settings', settings: others, cutOffs: cutOffs.slice(0, limits.operationCutOffs) })
      for (let at = limits.operationCutOffs; at < cutOffs.length; at += limits.operationCutOffs)
        write({ kind: 'cutOff', cutOffs: cutOffs.slice(at, at + limits.operationCutOffs) })
    })
  }

  /** Ends the group for everybody. Throws NOT_ALLOWED. */
  async close(id: Scope): Promise<void> {
    const { state, member } = this.#own(id)
    if (member.role !== groupRights.close) throw notAllowed('only an owner can close the group')
    await this.#commit(state, (write) => write({ kind: 'close' }))
  }

  /** Resolves with the invite's id. `secret`: the seed of its key, which stays here. Throws NOT_ALLOWED. */
  async invite(
    id: Scope,
    { secret, ...invite }: Omit<Extract<BareOperation, { kind: 'invite' }>, 'kind'> & { readonly secret: Uint8Array },
  ): Promise<EntryId> {
    const { state, roster, member } = this.#own(id)
    this.#need(roster, member.role, 'invite', 'your role does not allow making links')
    if (!mayGive(member.role, invite.role)) throw notAllowed('your role does not allow giving that role')
    return await this.#commit(state, (write, _, staging) => {
      const id = write({ kind: 'invite', ...invite })
      const valid = new Set(roster.invites.map((each) => each.id))
      const kept = state.staged.invites.filter((each) => valid.has(each.id))
      staging.setRecord({ ...state.staged, invites: [...kept, { id, secret }].slice(-limits.groupPersonInvites) })
      return id
    })
  }

  /** Throws NOT_ALLOWED, NOT_FOUND. */
  async revoke(id: Scope, which: EntryId): Promise<void> {
    const { state, roster, member } = this.#own(id)
    const invite = roster.invites.find((each) => each.id === which)
    if (invite === undefined) throw new WarrenError('NOT_FOUND', 'no such invite, or it lets in nobody any more')
    if (invite.by !== this.#deps.core.self.person && rankOf(member.role) < rankOf(groupRights.revokeInvites))
      throw notAllowed('your role does not allow taking back the invites of others')
    await this.#commit(state, (write, _, staging) => {
      write({ kind: 'revokeInvite', invite: which })
      const invites = state.staged.invites.filter((each) => each.id !== which)
      if (invites.length < state.staged.invites.length) staging.setRecord({ ...state.staged, invites })
    })
  }

  /**
   * Says something that does nothing, once: so that the members may tell each other where the owner is, who did not say a word here
   * when somebody let them in.
   */
  async appear(id: Scope): Promise<void> {
    const { state } = this.#own(id)
    const { people, self } = this.#deps.core
    if (state.operations.some(({ header }) => people.onceOf(header.device) === self.person)) return
    await this.#commit(state, (write) => write({ kind: 'cutOff', cutOffs: [] }))
  }

  /** Lets somebody in who showed an invite; their log is here. Throws NOT_ALLOWED if the invite does not let them in. */
  async admit(id: Scope, admission: Admission): Promise<void> {
    const { state } = this.#own(id)
    await this.#commit(state, (write, batch, staging) => {
      write({ kind: 'admit', ...admission }, [admission.person])
      this.#deps.writer.groups.mint(batch, staging)
    })
    this.#deps.scopesChanged()
  }

  #ends(batch: Batch, state: ScopeState, person: PersonId): CutOff[] {
    return endsOf(this.#deps.core, batch, state, person).slice(0, limits.operationCutOffs)
  }

  async #commit<T>(state: ScopeState, build: (write: Write, batch: Batch, staging: Staging) => T): Promise<T> {
    return await this.#deps.core.commit(state, undefined, (batch, staging) => {
      const write: Write = (bare, others) => this.#deps.writer.groups.append(batch, staging, bare, others).id
      return build(write, batch, staging)
    })
  }

  /** Throws NOT_FOUND. */
  #state(id: Scope): ScopeState {
    const state = this.#deps.core.scopes.get(id)
    if (state?.record.kind !== 'group') throw new WarrenError('NOT_FOUND', 'no such group')
    return state
  }

  /** The owner's own place in the group. Throws NOT_FOUND, NOT_ALLOWED for who has not joined. */
  #own(id: Scope): { state: ScopeState; roster: GroupRoster; member: { readonly role: Role } } {
    const state = this.#state(id)
    const { roster } = this.#deps.core.people.groupOf(state)
    const member = roster.members.get(this.#deps.core.self.person)
    if (member?.state !== 'joined') throw notAllowed('you do not belong to this group')
    return { state, roster, member }
  }

  #invited(id: Scope): ScopeState {
    const state = this.#state(id)
    const { roster } = this.#deps.core.people.groupOf(state)
    if (roster.members.get(this.#deps.core.self.person)?.state !== 'invited')
      throw new WarrenError('CONFLICT', 'nobody added you to this group, or you answered already')
    return state
  }

  #need(roster: GroupRoster, role: Role, right: 'invite' | 'change', why: string): void {
    if (rankOf(role) < rankOf(roster.settings[right])) throw notAllowed(why)
  }
}

const isRule = ([name]: Setting): boolean => rightFor(name) === 'setRules'

const notAllowed = (why: string): WarrenError => new WarrenError('NOT_ALLOWED', why)
