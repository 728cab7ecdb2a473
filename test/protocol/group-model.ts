/**
 * The rules of groups once more, word by word as docs/protocol.md has them: sets instead of indexes, all at once, nothing kept.
 * Slow and plain on purpose, to be compared with the rules that daemons use.
 */

import { causalPast } from '../../protocol/causality.ts'
import { circlesOf } from '../../protocol/circles.ts'
import { rankOf } from '../../protocol/group-rights.ts'
import type { ConversationId, DeviceId, EntryId, PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Operation } from '../../protocol/operation.ts'
import { reducePerson } from '../../protocol/roster.ts'
import { is, ModelState, ownersOf, subjectOf, type Deed, type Standing } from './group-model-state.ts'
import { ModelRights } from './group-model-rights.ts'

const voidedByRuling = [
  'add',
  'remove',
  'setRole',
  'settings',
  'invite',
  'revokeInvite',
  'admit',
  'cutOff',
  'close',
  'transfer',
]

export class GroupModel {
  readonly #state = new ModelState()
  readonly #rights: ModelRights
  readonly #holding = new Set<Deed>()
  readonly #lost = new Set<Deed>()

  /** `operations`: each behind all that it has seen. `logs`: of everybody whom they name, whole. */
  constructor(
    scope: ConversationId,
    operations: readonly LoggedOperation[],
    logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>,
  ) {
    this.#rights = new ModelRights(scope, this.#state)
    for (const each of operations) this.#state.deeds.push(this.#deedOf(each, logs))
    this.#settle()
  }

  counts(id: EntryId): boolean {
    return [...this.#state.counting].some((each) => each.id === id)
  }

  standingOf(person: PersonId): Standing {
    return this.#state.standing(person, new Set(this.#state.deeds))
  }

  get root(): PersonId | undefined {
    const all = new Set(this.#state.deeds)
    const root = this.#state.rootIn(all)
    return root !== undefined && this.#state.isRoot(root.person, all) ? root.person : undefined
  }

  #deedOf(logged: LoggedOperation, logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>): Deed {
    const { header, operation } = logged
    if (operation === undefined) throw new Error('made by a newer Warren')
    const causes = new Set<EntryId>([
      ...operation.heads.map(({ id }) => id),
      ...(header.prev === undefined ? [] : [header.prev]),
    ])
    const past = new Set(this.#state.deeds.filter(({ id }) => causes.has(id)).flatMap((each) => [each, ...each.past]))
    const heads = [logged, ...[...past].map((each) => each.logged)].flatMap((each) => each.operation?.heads ?? [])
    const present = new Map<PersonId, ReadonlySet<DeviceId>>()
    const named = new Map<PersonId, ReadonlySet<DeviceId>>()
    for (const [person, log] of logs) {
      const own = heads.filter(({ scope }) => scope === person).map(({ id }) => id)
      const seen = causalPast(new Map(log.map((each) => [each.id, each])), own)
      const known = log.filter(({ id }) => seen.has(id))
      present.set(person, new Set(reducePerson(person, known).devices.keys()))
      const records = known.flatMap(({ operation: of }) =>
        of?.kind === 'createPerson' || of?.kind === 'addDevice' ? [of.record.device] : [],
      )
      named.set(person, new Set(records))
    }
    const [author] = [...present]
      .filter(([, devices]) => devices.has(header.device))
      .map(([person]) => person)
      .toSorted()
    return { logged, id: logged.id, operation, past, present, named, author }
  }

  #settle(): void {
    for (;;) {
      this.#pass()
      const open = [...this.#state.counting].filter(
        (each) => !this.#holding.has(each) && this.#isFence(each) && this.#voidedBy(each).length > 0,
      )
      if (open.length === 0) return
      const losing = open.filter((each) => this.#voidedBy(each).some((other) => this.#holding.has(other)))
      for (const each of losing) this.#lost.add(each)
      if (losing.length === 0) for (const each of this.#next(open)) this.#holding.add(each)
    }
  }

  #pass(): void {
    const voided = new Set([...this.#holding].flatMap((each) => this.#voidedBy(each)))
    this.#state.counting.clear()
    this.#state.before.clear()
    this.#state.answers.clear()
    const order = this.#state.deeds.toSorted((a, b) => a.past.size - b.past.size || (a.id < b.id ? -1 : 1))
    for (const each of order) {
      const has = this.#rights.hasRight(each)
      const counts = this.#holding.has(each) || (has && !voided.has(each))
      if (counts && !this.#lost.has(each)) this.#state.counting.add(each)
    }
  }

  #isFence(deed: Deed): boolean {
    const { operation, past } = deed
    if (operation.kind !== 'setRole') return true
    return rankOf(operation.role) < rankOf(this.#state.standing(operation.person, past).role)
  }

  #voidedBy(fence: Deed): Deed[] {
    const apart = this.#state.deeds.filter((each) => each !== fence && !each.past.has(fence) && !fence.past.has(each))
    return apart.filter((each) => this.#wouldVoid(fence, each))
  }

  #wouldVoid({ operation, present, named }: Deed, other: Deed): boolean {
    if (operation.kind === 'remove' || operation.kind === 'setRole') {
      return other.author === operation.person && voidedByRuling.includes(other.operation.kind)
    }
    if (operation.kind === 'revokeInvite') {
      return other.operation.kind === 'admit' && other.operation.invite === operation.invite
    }
    if (operation.kind === 'transfer') {
      const { operation: ruling } = other
      return (ruling.kind === 'remove' || ruling.kind === 'setRole') && ruling.person === operation.person
    }
    if (operation.kind !== 'cutOff' || is('createGroup', 'epoch')(other)) return false
    const { device } = other.logged.header
    const isNobodys = ![...present.values()].some((devices) => devices.has(device))
    const wasSomebodys = [...named.values()].some((devices) => devices.has(device))
    return isNobodys && wasSomebodys && operation.cutOffs.some((each) => each.device === device)
  }

  /** Those that no other meets, or the first of each circle. */
  #next(open: readonly Deed[]): readonly Deed[] {
    const meets = (one: Deed, other: Deed): boolean =>
      one !== other && [...this.#groundOf(other)].some((each) => this.#voidedBy(one).includes(each))
    const free = open.filter((each) => !open.some((other) => meets(other, each)))
    if (free.length > 0) return free
    const numbers = new Map(
      open.map((each, at) => [at, open.flatMap((other, from) => (meets(other, each) ? [from] : []))]),
    )
    return circlesOf(numbers).flatMap((circle) =>
      circle
        .flatMap((at) => open[at] ?? [])
        .toSorted((a, b) => this.#compareRank(a, b))
        .slice(0, 1),
    )
  }

  #compareRank(a: Deed, b: Deed): number {
    const rank = ({ author, past }: Deed): readonly number[] => {
      if (author === undefined) return [0, -1, Infinity]
      const { role, since } = this.#state.standing(author, past)
      return [this.#state.isRoot(author, past) ? 1 : 0, rankOf(role), since]
    }
    const [[x0 = 0, x1 = 0, x2 = 0], [y0 = 0, y1 = 0, y2 = 0]] = [rank(a), rank(b)]
    return y0 - x0 || y1 - x1 || x2 - y2 || (a.id < b.id ? -1 : 1)
  }

  /** An operation and all that its right rests on. */
  #groundOf(deed: Deed): Set<Deed> {
    const ground = new Set<Deed>([deed])
    for (const each of ground) {
      const { operation, author, past } = each
      const ended = operation.kind === 'cutOff' ? operation.cutOffs.flatMap(({ device }) => ownersOf(device, each)) : []
      const persons = new Set([author, subjectOf(each), ...ended].filter((person) => person !== undefined))
      for (const other of past) {
        const subject = subjectOf(other)
        const isNeeded =
          (subject !== undefined && persons.has(subject)) ||
          is('close', 'transfer')(other) ||
          this.#opens(other, operation)
        if (isNeeded) ground.add(other)
      }
    }
    return ground
  }

  /** Whether something says a setting or concerns an invite that an operation needs. */
  #opens({ operation: by, id }: Deed, operation: Operation): boolean {
    const says = (name: string): boolean =>
      (by.kind === 'settings' ? by.settings : by.kind === 'createGroup' ? by.policy : []).some(
        ([each]) => each === name,
      )
    if (operation.kind === 'settings') return says('change')
    if (operation.kind === 'add' || operation.kind === 'invite') return says('invite')
    if (operation.kind !== 'admit' && operation.kind !== 'revokeInvite') return false
    return id === operation.invite || (by.kind === 'revokeInvite' && by.invite === operation.invite)
  }
}
