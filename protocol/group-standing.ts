/** What the counting operations say of a person, the settings and the root owner: now, or in what some operation had seen. */

import type { GroupLog, Placed } from './group-log.ts'
import type { Context } from './group-people.ts'
import { groupRights, highestOf, isAtLeast, lowestOf, type GroupRight, type RoleSetting } from './group-rights.ts'
import { isMeaningful, settingDefaults, strictest } from './group-settings.ts'
import { compareHlc } from './hlc.ts'
import type { PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { Role, Setting } from './operation-parts.ts'

export interface Standing {
  /** `none`: never a member, or not any more. */
  readonly state: 'none' | 'invited' | 'joined'
  /** Of somebody who is no member any more: the last one. */
  readonly role: Role
  /** Whether the person ever was a member or invited. */
  readonly wasMember: boolean
  /** How much the operation had seen that gave the role: less is longer-standing. */
  readonly since: number
}

const stranger: Standing = { state: 'none', role: 'reader', wasMember: false, since: Infinity }

/** The role that an operation gives to its subject; undefined for one that gives none. */
export function roleGiven({ operation }: Placed, log: GroupLog): Role | undefined {
  if (operation?.kind === 'createGroup' || operation?.kind === 'transfer') return 'owner'
  if (operation?.kind === 'add' || operation?.kind === 'setRole') return operation.role
  if (operation?.kind !== 'admit') return undefined
  const number = log.numberOf(operation.invite)
  const invite = number === undefined ? undefined : log.at(number).operation
  return invite?.kind === 'invite' ? invite.role : undefined
}

const isEnding = ({ operation }: Placed): boolean =>
  operation?.kind === 'remove' || operation?.kind === 'leave' || operation?.kind === 'decline'

export const isEntry = ({ operation }: Placed): boolean =>
  operation?.kind === 'createGroup' || operation?.kind === 'add' || operation?.kind === 'admit'

/** What gives a role to somebody who was outside; the others that give one change it. */
const isAddition = ({ operation }: Placed): boolean => operation?.kind === 'add' || operation?.kind === 'admit'

export const isJoining = ({ operation }: Placed): boolean =>
  operation?.kind === 'createGroup' || operation?.kind === 'accept' || operation?.kind === 'admit'

export class GroupStanding {
  readonly #log: GroupLog
  /** The numbers of the operations that count. */
  readonly counting = new Set<number>()
  /** By a counting transfer: what made its author the root owner. */
  readonly rootBefore = new Map<number, number>()
  /** Admits of persons who were invited already: they join with the role that the invitation gave. */
  readonly answers = new Set<number>()

  constructor(log: GroupLog) {
    this.#log = log
  }

  /** The counting ones of `numbers` that `context` has seen. */
  seen(numbers: readonly number[], context: Context): number[] {
    const { index } = this.#log
    return numbers.filter(
      (number) => this.counting.has(number) && (context === undefined || index.hasSeen(context, number)),
    )
  }

  of(person: PersonId, context: Context): Standing {
    const { index } = this.#log
    const events = this.seen(this.#log.about.of(person), context).map((number) => this.#log.at(number))
    if (events.length === 0) return stranger
    const endings = events.filter(isEnding).toReversed()
    // Who ends a membership ends all of it that has not seen the end: of "out" and "in again" at one time, "out" holds.
    const standing = events.filter((each) => endings.every((end) => index.hasSeen(each.number, end.number)))
    const isIn = standing.some(isEntry)
    const joined = standing.some(isJoining) ? 'joined' : 'invited'
    return { state: isIn ? joined : 'none', wasMember: true, ...this.#roleIn(isIn ? standing : events) }
  }

  /** The role that events about a person, in ascending order, give; and how much was seen by the one that gave it. */
  #roleIn(events: readonly Placed[]): Pick<Standing, 'role' | 'since'> {
    const grants = events.flatMap((each) => {
      const role = this.answers.has(each.number) ? undefined : roleGiven(each, this.#log)
      return role === undefined ? [] : [each.number]
    })
    const tops = this.#topsOf(grants).map((number) => this.#log.at(number))
    // Who may let somebody in may not lower anybody, from however old heads: an addition beside a ruling gives nothing.
    const rulings = tops.filter((each) => !isAddition(each))
    const given = (rulings.length > 0 ? rulings : tops).map((each) => ({
      role: roleGiven(each, this.#log) ?? 'reader',
      seen: this.#log.index.sizeOf(each.number),
    }))
    const roles = given.map((each) => each.role)
    const role = rulings.length > 0 ? lowestOf(roles) : highestOf(roles)
    return { role, since: Math.min(...given.filter((each) => each.role === role).map(({ seen }) => seen)) }
  }

  /** Everybody who is or was a member. */
  persons(): PersonId[] {
    return [...this.#log.about.keys()]
  }

  /** Whether a group has room for one more. Few groups ever had so many people that they have to be counted. */
  hasRoom(context: Context): boolean {
    if (this.#log.about.size <= limits.groupMembers) return true
    const present = this.persons().filter((person) => this.of(person, context).state !== 'none')
    return present.length < limits.groupMembers
  }

  /** Whether an invite, which counts, lets in at a time (epoch milliseconds). */
  isOpen(number: number, context: Context, wallMs: number): boolean {
    const { operation, id } = this.#log.at(number)
    if (operation?.kind !== 'invite' || (operation.expiresAt !== 0 && wallMs > operation.expiresAt)) return false
    if (this.seen(this.#log.revokes.of(id), context).length > 0) return false
    return operation.uses === 0 || this.seen(this.#log.admits.of(id), context).length < operation.uses
  }

  /** Those of `numbers`, in ascending order, that none of the others has seen. */
  #topsOf(numbers: readonly number[]): number[] {
    const tops: number[] = []
    for (const number of numbers.toReversed()) {
      if (!tops.some((top) => this.#log.index.hasSeen(top, number))) tops.push(number)
    }
    return tops
  }

  /** The value of a setting; its default if nobody has said it. */
  setting(name: string, context: Context): string | undefined {
    const said = this.seen(this.#log.settings.of(name), context).filter(
      (number) => valueIn(this.#log.at(number), name) !== undefined,
    )
    const tops = this.#topsOf(said).map((number) => this.#log.at(number))
    const values = tops.flatMap((each) => valueIn(each, name) ?? [])
    const strict = strictest(name, values)
    if (strict !== undefined) return strict
    const [latest] = tops.toSorted((a, b) => compareHlc(b.header.hlc, a.header.hlc) || (a.id < b.id ? -1 : 1))
    if (latest !== undefined) return valueIn(latest, name)
    return Object.hasOwn(settingDefaults, name) ? settingDefaults[name as keyof typeof settingDefaults] : undefined
  }

  /** Whether a role has a right, by the settings in `context`. */
  may(role: Role, right: GroupRight, context: Context): boolean {
    const rule: Role | { readonly setting: RoleSetting } = groupRights[right]
    return isAtLeast(role, typeof rule === 'string' ? rule : (this.setting(rule.setting, context) as Role))
  }

  mayPost({ state, role }: Pick<Standing, 'state' | 'role'>, context: Context): boolean {
    return state === 'joined' && this.may(role, 'post', context)
  }

  /** The operation that made somebody the root owner, and whom; also if that person has left since. */
  root(context: Context): { readonly by: number; readonly person: PersonId } | undefined {
    const [first] = this.seen(this.#log.ofKind.of('createGroup'), context)
    const create = first === undefined ? undefined : this.#log.at(first).operation
    if (first === undefined || create?.kind !== 'createGroup') return undefined
    const transfers = this.seen(this.#log.ofKind.of('transfer'), context).map((number) => this.#log.at(number))
    let root = { by: first, person: create.founder }
    for (;;) {
      const { by } = root
      const [next] = transfers
        .filter(({ number }) => this.rootBefore.get(number) === by)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      if (next?.operation?.kind !== 'transfer') return root
      root = { by: next.number, person: next.operation.person }
    }
  }

  /** Whether somebody is the root owner. One who left is not, nor one who was added again as less than an owner. */
  isRoot(person: PersonId, context: Context): boolean {
    if (this.root(context)?.person !== person) return false
    const { state, role } = this.of(person, context)
    return state !== 'none' && role === 'owner'
  }

  isClosed(context: Context): boolean {
    return this.seen(this.#log.ofKind.of('close'), context).length > 0
  }
}

/** What an operation says of a setting, if that means something; the last word of several. */
export function valueIn({ operation }: Placed, name: string): string | undefined {
  const said: readonly Setting[] =
    operation?.kind === 'settings' ? operation.settings : operation?.kind === 'createGroup' ? operation.policy : []
  return said.findLast((each) => each[0] === name && isMeaningful(each))?.[1]
}
