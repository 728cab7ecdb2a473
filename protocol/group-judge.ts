/** Whether an operation had the right to be made: from what it had seen, and of that from what counts. */

import { isSignedBy } from './device-key.ts'
import { epochIdFor } from './epoch.ts'
import { isConsented, isFresh } from './group-consent.ts'
import type { GroupLog, Placed } from './group-log.ts'
import { mayGive, mayRule, rankOf } from './group-rights.ts'
import { rightFor } from './group-settings.ts'
import type { GroupStanding, Standing } from './group-standing.ts'
import type { ConversationId, PersonId } from './ids.ts'
import { limits } from './limits.ts'
import { inviteMessage } from './operation-proofs.ts'
import type { CutOff, Operation, Role } from './operation.ts'

type Of<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>

/** An operation by somebody, as it is judged. */
interface Case {
  readonly placed: Placed
  readonly author: PersonId
  readonly me: Standing
}

/** What may still be done in a closed group. */
const afterClosing: readonly Operation['kind'][] = ['leave', 'decline', 'cutOff', 'epoch']

const proven = new WeakMap<Of<'admit'>, boolean>()

/** Whether the invite's key let a person in, and a device asked for that; remembered, since an operation may be judged again. */
export function isProven(admit: Of<'admit'>, group: ConversationId, inviteKey: Uint8Array): boolean {
  let known = proven.get(admit)
  if (known === undefined) {
    known =
      isSignedBy(inviteKey, inviteMessage(admit.invite, admit.person), admit.proof) &&
      isConsented({ ...admit, group }, admit.consent)
    proven.set(admit, known)
  }
  return known
}

/** Whether somebody was asked for by a device that their log, as the admission has seen it, names; and not too long ago. */
export const isAsked = (
  admit: Of<'admit'>,
  { number, header }: Placed,
  { people }: Pick<GroupLog, 'people'>,
): boolean =>
  isFresh(admit.consent, header.hlc.wallMs) && people.devicesAt(admit.person, number).has(admit.consent.device)

/** Whether the person, by an operation of theirs, went away after they had asked. */
const isTakenBack = ({ consent }: Of<'admit'>, { operation, header }: Placed): boolean =>
  (operation?.kind === 'leave' || operation?.kind === 'decline') && header.hlc.wallMs >= consent.askedAt

export class GroupJudge {
  readonly #log: GroupLog
  readonly #standing: GroupStanding
  /** How many operations were judged; work is counted, not timed. */
  judged = 0

  constructor(log: GroupLog, standing: GroupStanding) {
    this.#log = log
    this.#standing = standing
  }

  hasRight(placed: Placed): boolean {
    this.judged += 1
    const { author, operation, isSpent, number } = placed
    if (author === undefined || operation === undefined || isSpent) return false
    if (operation.kind === 'createGroup') {
      return (placed.id as string) === (this.#log.scope as string) && operation.founder === author
    }
    const me = this.#standing.of(author, number)
    if (me.state === 'none') return false
    if (this.#standing.isClosed(number) && !afterClosing.includes(operation.kind)) return false
    return this.#may(operation, { placed, author, me })
  }

  /** Whether a `setRole` takes something away, by what it has seen. */
  isLowering({ operation, number }: Placed): boolean {
    return (
      operation?.kind === 'setRole' && rankOf(operation.role) < rankOf(this.#standing.of(operation.person, number).role)
    )
  }

  #may(operation: Operation, at: Case): boolean {
    const { me } = at
    if (operation.kind === 'accept' || operation.kind === 'decline') return me.state === 'invited'
    if (operation.kind === 'leave') return true
    if (me.state !== 'joined') return false
    return this.#mayRule(operation, at) ?? this.#mayOpen(operation, at) ?? this.#mayOtherwise(operation, at)
  }

  /** What concerns a member; undefined for other operations. */
  #mayRule(operation: Operation, at: Case): boolean | undefined {
    if (operation.kind === 'remove') return this.#mayRemove(operation.person, at)
    if (operation.kind === 'setRole') return this.#maySetRole(operation, at)
    if (operation.kind === 'transfer') return this.#mayTransfer(operation.person, at)
    if (operation.kind === 'cutOff') return operation.cutOffs.every((each) => this.#mayEnd(each, at))
    return undefined
  }

  /** What brings people in; undefined for other operations. */
  #mayOpen(operation: Operation, at: Case): boolean | undefined {
    if (operation.kind === 'add') {
      const isOutside = this.#standing.of(operation.person, at.placed.number).state === 'none'
      return isOutside && this.#mayInvite(operation.role, at) && this.#standing.hasRoom(at.placed.number)
    }
    if (operation.kind === 'invite') return this.#mayInvite(operation.role, at) && this.#mayOpenMore(at)
    if (operation.kind === 'admit') return this.#mayAdmit(operation, at.placed)
    if (operation.kind === 'revokeInvite') return this.#mayRevoke(operation, at)
    return undefined
  }

  #mayOtherwise(operation: Operation, { me, placed }: Case): boolean {
    if (operation.kind === 'settings') return operation.settings.every(([name]) => this.#maySay(name, me, placed))
    if (operation.kind === 'close') return this.#standing.may(me.role, 'close', placed.number)
    if (operation.kind !== 'epoch') return false
    return epochIdFor(this.#log.scope, operation.parents, operation.commitment) === operation.epoch
  }

  #mayInvite(role: Role, { me, placed }: Case): boolean {
    return this.#standing.may(me.role, 'invite', placed.number) && mayGive(me.role, role)
  }

  /** Whether few enough invites of the author are open, by the clock of the operation. */
  #mayOpenMore({ author, placed: { number, header } }: Case): boolean {
    const own = this.#log.ofKind.of('invite').filter((each) => this.#log.at(each).author === author)
    if (own.length <= limits.groupPersonInvites) return true
    const { wallMs } = header.hlc
    const open = this.#standing.seen(own, number).filter((each) => this.#standing.isOpen(each, number, wallMs))
    return open.length < limits.groupPersonInvites
  }

  /** Also of somebody who left: it voids what they did without having seen it. */
  #mayRemove(person: PersonId, { placed: { number }, author, me }: Case): boolean {
    const them = this.#standing.of(person, number)
    if (person === author || !them.wasMember) return false
    if (this.#standing.isRoot(person, number)) return false
    return mayRule(me.role, them.role)
  }

  #maySetRole({ person, role }: Of<'setRole'>, { placed: { number }, author, me }: Case): boolean {
    const them = this.#standing.of(person, number)
    if (them.state === 'none' || them.role === role || this.#standing.isRoot(person, number)) return false
    if (person === author) return rankOf(role) < rankOf(me.role)
    return mayRule(me.role, them.role) && mayGive(me.role, role)
  }

  #maySay(name: string, me: Standing, { number }: Placed): boolean {
    return this.#standing.may(me.role, rightFor(name), number)
  }

  #mayRevoke({ invite }: Of<'revokeInvite'>, { placed: { number }, author, me }: Case): boolean {
    const [made] = this.#standing.seen(this.#numbersOf(invite), number)
    if (made === undefined || this.#log.at(made).operation?.kind !== 'invite') return false
    return this.#log.at(made).author === author || this.#standing.may(me.role, 'revokeInvites', number)
  }

  #mayAdmit(admit: Of<'admit'>, placed: Placed): boolean {
    const { number, header } = placed
    const standing = this.#standing
    const [made] = standing.seen(this.#numbersOf(admit.invite), number)
    const invite = made === undefined ? undefined : this.#log.at(made).operation
    if (invite?.kind !== 'invite') return false
    if (invite.expiresAt !== 0 && header.hlc.wallMs > invite.expiresAt) return false
    if (standing.seen(this.#log.revokes.of(admit.invite), number).length > 0) return false
    // Whoever was put out comes back by being added, not by a link that they still have.
    const events = standing.seen(this.#log.about.of(admit.person), number).map((each) => this.#log.at(each))
    if (events.some(({ operation }) => operation?.kind === 'remove')) return false
    if (!isAsked(admit, placed, this.#log) || events.some((each) => isTakenBack(admit, each))) return false
    const { state } = standing.of(admit.person, number)
    if (state === 'joined') return false
    if (state === 'invited') standing.answers.add(number)
    else if (!standing.hasRoom(number)) return false
    const used = this.#log.admits.of(admit.invite).filter((each) => standing.counting.has(each)).length
    return (invite.uses === 0 || used < invite.uses) && isProven(admit, this.#log.scope, invite.inviteKey)
  }

  #numbersOf(id: Placed['id']): number[] {
    const number = this.#log.numberOf(id)
    return number === undefined ? [] : [number]
  }

  #mayTransfer(person: PersonId, { placed: { number }, author }: Case): boolean {
    const root = this.#standing.root(number)
    if (root === undefined || !this.#standing.isRoot(author, number) || person === author) return false
    if (this.#standing.of(person, number).state !== 'joined') return false
    this.#standing.rootBefore.set(number, root.by)
    return true
  }

  /** Whether a `cutOff` may end a feed: of a device that its person removed, or whose person may not post. */
  #mayEnd({ device }: CutOff, { placed: { number }, author, me }: Case): boolean {
    const standing = this.#standing
    return this.#log.people.ownersAt(device, number).some((person) => {
      const isRuler = standing.may(me.role, 'raiseCutOffs', number)
      if (person !== author && !isRuler) return false
      const isGone = this.#log.people.isGoneAt(person, device, number)
      return isGone || (isRuler && !standing.mayPost(standing.of(person, number), number))
    })
  }
}
