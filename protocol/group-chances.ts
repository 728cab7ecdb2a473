/**
 * Which operations could count, whatever turns out void. Found once for each, as it comes: from all that it has seen and that
 * could count, at its best. So what somebody does without any right costs a look at who they are, and moves nothing else.
 *
 * What counts in any round of settling could count: each way to a right in GroupJudge needs what is asked here. A right that
 * needs something *not* to be (a removal, a closing, a use of an invite) is taken for given, since that may be void.
 */

import type { GroupLog, Placed } from './group-log.ts'
import { isAsked, isProven } from './group-judge.ts'
import {
  groupRights,
  isAtLeast,
  lowestOf,
  mayGive,
  mayRule,
  rankOf,
  rolesUpwards,
  type GroupRight,
} from './group-rights.ts'
import { rightFor, settingDefaults } from './group-settings.ts'
import { isEntry, isJoining, roleGiven, valueIn } from './group-standing.ts'
import type { EntryId, PersonId } from './ids.ts'
import type { CutOff, Operation, Role } from './operation.ts'

type Of<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>

/** An operation by somebody who could have joined, with the highest role that they could have. */
interface Case {
  readonly placed: Placed
  readonly author: PersonId
  readonly role: Role
}

export class GroupChances {
  readonly #log: GroupLog
  readonly #could = new Set<number>()

  constructor(log: GroupLog) {
    this.#log = log
  }

  /** Takes note of an operation that was placed, behind all that it has seen. */
  place(placed: Placed): void {
    if (this.#hasChance(placed)) this.#could.add(placed.number)
  }

  mayCount(number: number): boolean {
    return this.#could.has(number)
  }

  #hasChance(placed: Placed): boolean {
    const { author, operation, isSpent, number } = placed
    if (author === undefined || operation === undefined || isSpent) return false
    if (operation.kind === 'createGroup') {
      return (placed.id as string) === (this.#log.scope as string) && operation.founder === author
    }
    const events = this.#seen(this.#log.about.of(author), number)
    if (!events.some(isEntry)) return false
    if (operation.kind === 'accept' || operation.kind === 'decline' || operation.kind === 'leave') return true
    if (!events.some(isJoining)) return false
    const roles = new Set(events.map((each) => roleGiven(each, this.#log)))
    const role = rolesUpwards.findLast((each) => roles.has(each)) ?? 'reader'
    return this.#may(operation, { placed, author, role })
  }

  #may(operation: Operation, at: Case): boolean {
    const { role, placed, author } = at
    if (operation.kind === 'remove') return operation.person !== author && mayRule(role, 'reader')
    if (operation.kind === 'setRole') return this.#maySetRole(operation, at)
    if (operation.kind === 'transfer') return operation.person !== author && this.#mayDo('transfer', at)
    if (operation.kind === 'cutOff') return operation.cutOffs.every((each) => this.#mayEnd(each, at))
    if (operation.kind === 'add' || operation.kind === 'invite') {
      return this.#mayDo('invite', at) && mayGive(role, operation.role)
    }
    if (operation.kind === 'admit') return this.#mayAdmit(operation, placed)
    if (operation.kind === 'revokeInvite') return this.#mayRevoke(operation, at)
    if (operation.kind === 'settings') return operation.settings.every(([name]) => this.#mayDo(rightFor(name), at))
    return operation.kind === 'epoch' || (operation.kind === 'close' && this.#mayDo('close', at))
  }

  #maySetRole({ person, role: given }: Of<'setRole'>, { author, role }: Case): boolean {
    if (person === author) return rankOf(given) < rankOf(role)
    return mayRule(role, 'reader') && mayGive(role, given)
  }

  #mayRevoke({ invite }: Of<'revokeInvite'>, at: Case): boolean {
    const made = this.#inviteOf(invite, at.placed.number)
    return made !== undefined && (made.author === at.author || this.#mayDo('revokeInvites', at))
  }

  #mayAdmit(admit: Of<'admit'>, placed: Placed): boolean {
    const { number, header } = placed
    const invite = this.#inviteOf(admit.invite, number)?.operation
    if (invite?.kind !== 'invite') return false
    const isOver = invite.expiresAt !== 0 && header.hlc.wallMs > invite.expiresAt
    return !isOver && isAsked(admit, placed, this.#log) && isProven(admit, this.#log.scope, invite.inviteKey)
  }

  /** Of a device that its person removed, the author's own or by a ruler; or by a ruler, whose person may not post. */
  #mayEnd({ device }: CutOff, at: Case): boolean {
    const { people } = this.#log
    const { number } = at.placed
    const isRuler = this.#mayDo('raiseCutOffs', at)
    return people
      .ownersAt(device, number)
      .some((person) => isRuler || (person === at.author && people.isGoneAt(person, device, number)))
  }

  /** An invite that an operation has seen and that could count. */
  #inviteOf(id: EntryId, context: number): Placed | undefined {
    const number = this.#log.numberOf(id)
    const [made] = this.#seen(number === undefined ? [] : [number], context)
    return made?.operation?.kind === 'invite' ? made : undefined
  }

  /** Whether a role has a right, by the laxest word that could hold where a setting names it. */
  #mayDo(right: GroupRight, { role, placed }: Case): boolean {
    const rule: (typeof groupRights)[GroupRight] = groupRights[right]
    if (typeof rule === 'string') return isAtLeast(role, rule)
    const { setting } = rule
    const said = this.#seen(this.#log.settings.of(setting), placed.number).map((each) => valueIn(each, setting))
    const values = [settingDefaults[setting], ...said].filter((value): value is Role => value !== undefined)
    return isAtLeast(role, lowestOf(values))
  }

  /** Those of `numbers` that could count and that `context` has seen. */
  #seen(numbers: readonly number[], context: number): Placed[] {
    return numbers
      .filter((number) => this.#could.has(number) && this.#log.index.hasSeen(context, number))
      .map((number) => this.#log.at(number))
  }
}
