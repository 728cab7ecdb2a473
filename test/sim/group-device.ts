/** One device of a group in a simulation: its roster, the messages and keys it holds, and what it takes from whom and gives to whom. */

import { Partners } from '../../daemon/sync/partners.ts'
import { causalPast, headsOf } from '../../protocol/causality.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import type { ConversationId, DeviceId, EntryId, EpochId, Generation, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { CutOff, Head } from '../../protocol/operation.ts'
import type { Actor } from '../protocol/cast.ts'
import type { Someone } from '../protocol/group-cast.ts'
import { GroupPosts, type Post } from './group-posts.ts'

export type Item = { readonly operation: LoggedOperation } | { readonly post: Post }
export const idOf = (item: Item): EntryId => ('post' in item ? item.post.id : item.operation.id)
const isOperation = (item: Item): item is { readonly operation: LoggedOperation } => 'operation' in item

export class GroupDevice {
  readonly actor: Actor
  readonly owner: Someone
  readonly roster: GroupRoster
  readonly held = new Map<EntryId, Item>()
  readonly posts: GroupPosts
  readonly keys = new Set<EpochId>()
  /** What came and was not passed on yet. */
  fresh: Item[] = []
  side = 0
  /** How many items it was sent, and sent to others at once. */
  readonly work = { came: 0, sent: 0 }
  readonly #partners: Partners
  readonly #scope: ConversationId
  /** Of everybody, as their persons' logs say. */
  readonly #removed = new Set<DeviceId>()
  /** What shut out a person, as it was found when so much was held. */
  readonly #parted = new Map<PersonId, { readonly of: number; readonly partings: readonly EntryId[] }>()
  #version = 0

  constructor(scope: ConversationId, owner: Someone, actor: Actor, random: () => number) {
    this.#scope = scope
    this.owner = owner
    this.actor = actor
    this.roster = new GroupRoster(scope)
    this.posts = new GroupPosts(this.roster)
    this.#partners = new Partners(random)
  }

  get device(): DeviceId {
    return this.actor.device
  }

  /** Takes in what is new of these, at once. */
  take(items: readonly Item[]): void {
    this.work.came += items.length
    const fresh = items.filter((each) => !this.held.has(idOf(each)))
    if (fresh.length === 0) return
    const operations = fresh.filter(isOperation)
    this.#learn(operations.map(({ operation }) => operation))
    for (const each of operations) this.#keep(each)
    // What lies lower first, and what is nothing without what lies higher with it.
    const posts = fresh.flatMap((each) => ('post' in each ? [each.post] : []))
    for (const post of this.posts.take(posts)) this.#keep({ post })
  }

  #learn(operations: readonly LoggedOperation[]): void {
    if (operations.length === 0) return
    const logs = Map.groupBy(
      operations.filter(({ scope }) => scope !== this.#scope),
      ({ scope }) => scope,
    )
    for (const [person, log] of logs) this.roster.learn(person as PersonId, log)
    for (const { operation } of operations) if (operation?.kind === 'removeDevice') this.#removed.add(operation.device)
    this.roster.take(operations)
    this.#chooseAgain()
  }

  /** Partners are chosen again where one has gone, or there are few: to rank 500 devices costs as much as a simulated day. */
  #chooseAgain(): void {
    const { devices } = this.roster
    const partners = this.partners()
    const isWhole = partners.length === Math.min(limits.pushPartners, devices.size - 1)
    if (!isWhole || !partners.every((each) => devices.has(each))) this.#version += 1
  }

  #keep(item: Item): void {
    this.held.set(idOf(item), item)
    this.fresh.push(item)
  }

  /** How much another may see and bring, as far as this one knows: operations alone of a group that they are only invited to. */
  partFor({ owner, device }: GroupDevice): 'all' | 'roster' | undefined {
    if (this.#removed.has(device)) return undefined
    if (owner === this.owner) return 'all'
    const member = this.roster.members.get(owner.person)
    if (member === undefined) return undefined
    return member.state === 'joined' ? 'all' : 'roster'
  }

  /** To whom news go at once. */
  partners(): readonly DeviceId[] {
    const candidates = (): DeviceId[] => [...this.roster.devices].filter((each) => each !== this.device)
    return this.#partners.of(this.#scope, this.#version, 0, candidates)
  }

  /** What of these it gives to another who may see them: operations, and to members the messages that count. */
  givenTo(other: GroupDevice, items: readonly Item[]): Item[] {
    const part = this.partFor(other)
    if (part === undefined) return []
    return items.filter((each) => isOperation(each) || (part === 'all' && this.posts.counts(each.post)))
  }

  /** What it takes of what another brings: all of somebody who belongs; of one who was removed, what removes this one, and what is lacking. */
  takeFrom(other: GroupDevice, items: readonly Item[]): void {
    const part = this.partFor(other)
    if (part !== undefined) this.take(items.filter((each) => part === 'all' || isOperation(each)))
    else if (this.#partings(other).length > 0) this.take(items.filter((each) => this.#isMeant(each)))
    else return
    for (;;) {
      const lacking = new Set(this.roster.missing.map(({ id }) => id))
      const given = lacking.size === 0 ? [] : other.answer(this, lacking).filter((each) => !this.held.has(idOf(each)))
      if (given.length === 0) return
      this.take(given)
    }
  }

  #isMeant(item: Item): boolean {
    if (!isOperation(item) || item.operation.scope !== this.#scope) return false
    const { id, operation } = item.operation
    const isMissing = this.roster.missing.some((head) => head.id === id)
    return isMissing || (operation?.kind === 'remove' && operation.person === this.owner.person)
  }

  /** Operations that another asks for by their ids, as far as they may have them. */
  answer(other: GroupDevice, asked: ReadonlySet<EntryId>): Item[] {
    const visible = this.partFor(other) === undefined ? new Set(this.farewell(other).map(idOf)) : undefined
    return [...asked].flatMap((id) => {
      const item = this.held.get(id)
      return item !== undefined && isOperation(item) && visible?.has(id) !== false ? [item] : []
    })
  }

  /** For somebody who was shut out: what did that, and what it has seen. */
  farewell(other: GroupDevice): Item[] {
    const partings = this.#partings(other)
    if (partings.length === 0) return []
    const known = new Map(
      [...this.held.values()].flatMap((each) => (isOperation(each) ? [[each.operation.id, each.operation]] : [])),
    )
    const past = causalPast(known, partings)
    return [...known.values()]
      .filter(({ id, scope }) => scope === this.#scope && (past.has(id) || partings.includes(id)))
      .map((operation) => ({ operation }))
  }

  #partings({ owner, device }: GroupDevice): readonly EntryId[] {
    if (this.#removed.has(device) || owner === this.owner) return []
    const known = this.#parted.get(owner.person)
    if (known?.of === this.held.size) return known.partings
    const partings = this.roster.partings(owner.person)
    this.#parted.set(owner.person, { of: this.held.size, partings })
    return partings
  }

  /** Removed devices of its person of which nobody has said, as far as it counts, where they end. */
  withoutEnd(): DeviceId[] {
    const ended = new Set(this.roster.cutOffs.map(({ device }) => device))
    return [...this.#removed].filter((each) => this.#isOwn(each) && !ended.has(each))
  }

  #isOwn(device: DeviceId): boolean {
    return this.owner.log.operations.some(
      ({ operation }) => operation?.kind === 'addDevice' && operation.record.device === device,
    )
  }

  /** The newest operations that it holds of its person's log. */
  get ownHeads(): Head[] {
    const { person } = this.owner
    return headsOf(
      [...this.held.values()].flatMap((each) =>
        isOperation(each) && each.operation.scope === person ? [each.operation] : [],
      ),
    )
  }

  /** The newest entries that it holds of all feeds of a person's devices. */
  endsOf(devices: readonly DeviceId[]): CutOff[] {
    return this.posts
      .tops()
      .flatMap(({ device, generation, id }) => (devices.includes(device) ? [{ device, generation, last: id }] : []))
  }

  /** The next message of its own, in a feed that counts as far as it knows; one that was cut off is gone on with by nobody. */
  nextPost(generations: Iterable<Generation>, id: EntryId): Post {
    const device = this.device
    for (const generation of generations) {
      if (this.roster.standingOf(device, generation) !== 'all') continue
      return { device, generation, seq: this.posts.of({ device, generation }).length + 1, id }
    }
    throw new Error('no generation left')
  }
}
