/** What the counting operations say of persons, settings and the root owner, as docs/protocol.md has it; part of group-model.ts. */

import { rolesUpwards } from '../../protocol/group-rights.ts'
import type { DeviceId, EntryId, PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Operation, Role } from '../../protocol/operation.ts'

type Kind = Operation['kind']
export interface Deed {
  readonly logged: LoggedOperation
  readonly id: EntryId
  readonly operation: Operation
  readonly past: ReadonlySet<Deed>
  /** The devices of persons, as the heads that it has seen say: present, and ever named. */
  readonly present: ReadonlyMap<PersonId, ReadonlySet<DeviceId>>
  readonly named: ReadonlyMap<PersonId, ReadonlySet<DeviceId>>
  readonly author: PersonId | undefined
}

export interface Standing {
  readonly state: 'none' | 'invited' | 'joined'
  readonly role: Role
  readonly wasMember: boolean
  readonly since: number
}

export const is =
  (...kinds: readonly Kind[]) =>
  ({ operation }: Deed): boolean =>
    kinds.includes(operation.kind)
const roleSettings: Readonly<Record<string, Role>> = { post: 'member', invite: 'admin', change: 'admin' }
/** Whose membership an operation changes. */
export function subjectOf({ operation, author }: Pick<Deed, 'operation' | 'author'>): PersonId | undefined {
  const { kind } = operation
  if (kind === 'accept' || kind === 'decline' || kind === 'leave') return author
  if (kind === 'createGroup') return operation.founder
  if (kind === 'add' || kind === 'admit' || kind === 'setRole' || kind === 'remove') return operation.person
  return kind === 'transfer' ? operation.person : undefined
}

/** Whose an operation knows a device to have been said to be. */
export const ownersOf = (device: DeviceId, { named }: Deed): PersonId[] =>
  [...named].filter(([, devices]) => devices.has(device)).map(([person]) => person)

export class ModelState {
  readonly deeds: Deed[] = []
  readonly counting = new Set<Deed>()
  /** By a transfer: what made its author the root owner. */
  readonly before = new Map<Deed, Deed>()
  /** Admits of who was invited already. */
  readonly answers = new Set<Deed>()

  seen(past: ReadonlySet<Deed>, ...kinds: readonly Kind[]): Deed[] {
    return [...past].filter((each) => this.counting.has(each) && is(...kinds)(each))
  }

  roleGiven(deed: Deed): Role | undefined {
    const { operation } = deed
    if (operation.kind === 'createGroup' || operation.kind === 'transfer') return 'owner'
    if (operation.kind === 'add' || operation.kind === 'setRole') return operation.role
    if (operation.kind !== 'admit' || this.answers.has(deed)) return undefined
    const invite = this.deeds.find(({ id }) => id === operation.invite)?.operation
    return invite?.kind === 'invite' ? invite.role : undefined
  }

  standing(person: PersonId, past: ReadonlySet<Deed>): Standing {
    const events = [...past].filter((each) => this.counting.has(each) && subjectOf(each) === person)
    const ends = events.filter(is('remove', 'leave', 'decline'))
    const left = events.filter((each) => ends.every((end) => each.past.has(end)))
    const isIn = left.some(is('createGroup', 'add', 'admit'))
    const giving = (isIn ? left : events).filter((each) => this.roleGiven(each) !== undefined)
    const newest = giving.filter((each) => !giving.some((other) => other.past.has(each)))
    const set = newest.filter(is('createGroup', 'setRole', 'transfer'))
    const from = set.length > 0 ? set : newest
    const given = from.map((each) => this.roleGiven(each) ?? 'reader')
    const upwards = rolesUpwards.filter((each) => given.includes(each))
    const role = (set.length > 0 ? upwards.at(0) : upwards.at(-1)) ?? 'reader'
    const since = Math.min(...from.filter((each) => this.roleGiven(each) === role).map((each) => each.past.size))
    const joined = left.some(is('createGroup', 'admit', 'accept')) ? 'joined' : 'invited'
    return {
      state: isIn ? joined : 'none',
      role,
      wasMember: events.length > 0,
      since: events.length > 0 ? since : Infinity,
    }
  }

  rootIn(past: ReadonlySet<Deed>): { readonly by: Deed; readonly person: PersonId } | undefined {
    const [create] = this.seen(past, 'createGroup')
    if (create?.operation.kind !== 'createGroup') return undefined
    let root = { by: create, person: create.operation.founder }
    for (;;) {
      const { by } = root
      const [next] = this.seen(past, 'transfer')
        .filter((each) => this.before.get(each) === by)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      if (next?.operation.kind !== 'transfer') return root
      root = { by: next, person: next.operation.person }
    }
  }

  isRoot(person: PersonId, past: ReadonlySet<Deed>): boolean {
    const { state, role } = this.standing(person, past)
    return this.rootIn(past)?.person === person && state !== 'none' && role === 'owner'
  }

  /** The least role by a setting that names one: of the newest words the highest. */
  least(name: 'post' | 'invite' | 'change', past: ReadonlySet<Deed>): Role {
    const word = ({ operation }: Deed): Role | undefined => {
      const said =
        operation.kind === 'settings' ? operation.settings : operation.kind === 'createGroup' ? operation.policy : []
      return said.findLast(([each, value]) => each === name && ['member', 'admin', 'owner'].includes(value))?.[1] as
        | Role
        | undefined
    }
    const said = this.seen(past, 'settings', 'createGroup').filter((each) => word(each) !== undefined)
    const values = said.filter((each) => !said.some((other) => other.past.has(each))).map(word)
    return rolesUpwards.findLast((each) => values.includes(each)) ?? roleSettings[name] ?? 'owner'
  }
}
