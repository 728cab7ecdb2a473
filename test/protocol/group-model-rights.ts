/** Who may make which operation, as the table in docs/protocol.md has it; part of group-model.ts. */

import { epochIdFor } from '../../protocol/epoch.ts'
import { isProven } from '../../protocol/group-judge.ts'
import { rankOf } from '../../protocol/group-rights.ts'
import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import type { CutOff, Operation, Role } from '../../protocol/operation.ts'
import { ownersOf, type Deed, type ModelState } from './group-model-state.ts'

type Of<K extends Operation['kind']> = Extract<Operation, { readonly kind: K }>

type Past = ReadonlySet<Deed>

const gives = (role: Role, given: Role): boolean => role === 'owner' || given === 'member' || given === 'reader'

export class ModelRights {
  readonly #scope: ConversationId
  readonly #state: ModelState

  constructor(scope: ConversationId, state: ModelState) {
    this.#scope = scope
    this.#state = state
  }

  hasRight(deed: Deed): boolean {
    const { author, operation, past, id } = deed
    if (author === undefined) return false
    if (operation.kind === 'createGroup')
      return (id as string) === (this.#scope as string) && operation.founder === author
    const me = this.#state.standing(author, past)
    const isOver = this.#state.seen(past, 'close').length > 0
    if (isOver && !['leave', 'decline', 'cutOff', 'epoch'].includes(operation.kind)) return false
    if (operation.kind === 'leave') return me.state !== 'none'
    if (operation.kind === 'accept' || operation.kind === 'decline') return me.state === 'invited'
    return me.state === 'joined' && this.#mayAsMember(deed, author, me.role)
  }

  #mayAsMember(deed: Deed, author: PersonId, role: Role): boolean {
    const { operation, past } = deed
    const isRuler = role === 'owner' || role === 'admin'
    if (operation.kind === 'add' || operation.kind === 'invite') return this.#mayInvite(operation, role, past)
    if (operation.kind === 'remove') return operation.person !== author && this.#rules(role, operation.person, past)
    if (operation.kind === 'setRole') return this.#maySetRole(operation, author, role, past)
    if (operation.kind === 'settings') return operation.settings.every(([name]) => this.#maySay(name, role, past))
    if (operation.kind === 'revokeInvite') return this.#mayRevoke(operation, author, isRuler, past)
    if (operation.kind === 'admit') return this.#mayAdmit(deed, operation)
    if (operation.kind === 'cutOff') return operation.cutOffs.every((each) => this.#mayEnd(each, deed, author, isRuler))
    if (operation.kind === 'transfer') return this.#mayTransfer(deed, operation, author)
    if (operation.kind === 'close') return role === 'owner'
    return (
      operation.kind === 'epoch' && epochIdFor(this.#scope, operation.parents, operation.commitment) === operation.epoch
    )
  }

  #mayRevoke({ invite }: Of<'revokeInvite'>, author: PersonId, isRuler: boolean, past: Past): boolean {
    const made = this.#state.seen(past, 'invite').find((each) => each.id === invite)
    return made !== undefined && (made.author === author || isRuler)
  }

  #mayInvite(operation: Of<'add' | 'invite'>, role: Role, past: Past): boolean {
    const may = rankOf(role) >= rankOf(this.#state.least('invite', past)) && gives(role, operation.role)
    return may && (operation.kind === 'invite' || this.#state.standing(operation.person, past).state === 'none')
  }

  #maySetRole({ person, role: given }: Of<'setRole'>, author: PersonId, role: Role, past: Past): boolean {
    const them = this.#state.standing(person, past)
    if (them.state === 'none' || them.role === given || this.#state.isRoot(person, past)) return false
    if (person === author) return rankOf(given) < rankOf(role)
    return this.#rules(role, person, past) && gives(role, given)
  }

  #maySay(name: string, role: Role, past: Past): boolean {
    if (!['name', 'description', 'avatar'].includes(name)) return role === 'owner'
    return rankOf(role) >= rankOf(this.#state.least('change', past))
  }

  #mayTransfer(deed: Deed, { person }: Of<'transfer'>, author: PersonId): boolean {
    const { past } = deed
    const root = this.#state.rootIn(past)
    if (root === undefined || !this.#state.isRoot(author, past) || author === person) return false
    if (this.#state.standing(person, past).state !== 'joined') return false
    this.#state.before.set(deed, root.by)
    return true
  }

  #rules(role: Role, person: PersonId, past: Past): boolean {
    const them = this.#state.standing(person, past)
    if (!them.wasMember || this.#state.isRoot(person, past)) return false
    return role === 'owner' || (role === 'admin' && rankOf(them.role) < rankOf('admin'))
  }

  #mayAdmit(deed: Deed, admit: Of<'admit'>): boolean {
    const { past, logged } = deed
    const invite = this.#state.seen(past, 'invite').find((each) => each.id === admit.invite)?.operation
    const isTaken = this.#state
      .seen(past, 'revokeInvite')
      .some(({ operation }) => operation.kind === 'revokeInvite' && operation.invite === admit.invite)
    if (invite?.kind !== 'invite' || isTaken) return false
    if (invite.expiresAt !== 0 && logged.header.hlc.wallMs > invite.expiresAt) return false
    const wasRemoved = this.#state
      .seen(past, 'remove')
      .some(({ operation }) => operation.kind === 'remove' && operation.person === admit.person)
    if (!this.#isAsked(deed, admit)) return false
    const { state } = this.#state.standing(admit.person, past)
    if (wasRemoved || state === 'joined') return false
    if (state === 'invited') this.#state.answers.add(deed)
    const used = [...this.#state.counting].filter(
      ({ operation }) => operation.kind === 'admit' && operation.invite === admit.invite,
    ).length
    return (invite.uses === 0 || used < invite.uses) && isProven(admit, this.#scope, invite.inviteKey)
  }

  /** By a device that they had, within a day, and since they last went. */
  #isAsked({ past, present, logged }: Deed, { person, consent }: Of<'admit'>): boolean {
    const { device, askedAt } = consent
    const went = this.#state.seen(past, 'leave', 'decline').filter(({ author }) => author === person)
    const isBack = went.every((each) => each.logged.header.hlc.wallMs < askedAt)
    const isFresh = logged.header.hlc.wallMs <= askedAt + 24 * 3_600_000
    return isBack && isFresh && present.get(person)?.has(device) === true
  }

  #mayEnd({ device }: CutOff, deed: Deed, author: PersonId, isRuler: boolean): boolean {
    const { present, past } = deed
    return ownersOf(device, deed).some((person) => {
      if (person !== author && !isRuler) return false
      const isGone = present.get(person)?.has(device) !== true
      const { state, role } = this.#state.standing(person, past)
      const mayPost = state === 'joined' && rankOf(role) >= rankOf(this.#state.least('post', past))
      return isGone || (isRuler && !mayPost)
    })
  }
}
