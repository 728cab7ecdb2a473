/** One device of a group in a simulation: its roster, the messages and keys it holds, and what it passes on. */

import { Partners } from '../../daemon/sync/partners.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import type { ConversationId, DeviceId, EntryId, EpochId, Generation, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { CutOff } from '../../protocol/operation.ts'
import type { Actor } from '../protocol/cast.ts'
import type { Someone } from '../protocol/group-cast.ts'

/** A message: only its place in its feed matters here. */
export interface Post {
  readonly device: DeviceId
  readonly generation: Generation
  readonly seq: number
  readonly id: EntryId
}

export type Item = { readonly operation: LoggedOperation } | { readonly post: Post }
export const idOf = (item: Item): EntryId => ('post' in item ? item.post.id : item.operation.id)

const feedOf = ({ device, generation }: Pick<Post, 'device' | 'generation'>): string => `${device}/${generation}`

export class GroupDevice {
  readonly actor: Actor
  readonly owner: Someone
  readonly roster: GroupRoster
  readonly held = new Map<EntryId, Item>()
  /** By feed, oldest first, without gaps. */
  readonly posts = new Map<string, Post[]>()
  readonly keys = new Set<EpochId>()
  /** What came and was not passed on yet. */
  fresh: Item[] = []
  side = 0
  /** How many items it was sent, and sent to others at once. */
  readonly work = { came: 0, sent: 0 }
  readonly #partners: Partners
  readonly #scope: ConversationId
  #version = 0

  constructor(scope: ConversationId, owner: Someone, actor: Actor, random: () => number) {
    this.#scope = scope
    this.owner = owner
    this.actor = actor
    this.roster = new GroupRoster(scope)
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
    const operations = fresh.flatMap((each) => ('operation' in each ? [each.operation] : []))
    const logs = Map.groupBy(
      operations.filter(({ scope }) => scope !== this.#scope),
      ({ scope }) => scope,
    )
    for (const [person, log] of logs) this.roster.learn(person as PersonId, log)
    this.roster.take(operations)
    if (operations.length > 0) this.#chooseAgain()
    for (const each of fresh) if (!('post' in each) || this.#takePost(each.post)) this.#keep(each)
  }

  /** Partners are chosen again where one has gone, or there are few: to rank 500 devices costs as much as a simulated day. */
  #chooseAgain(): void {
    const { devices } = this.roster
    const partners = this.partners()
    const isWhole = partners.length === Math.min(limits.pushPartners, devices.size - 1)
    if (!isWhole || !partners.every((each) => devices.has(each))) this.#version += 1
  }

  #takePost(post: Post): boolean {
    const feed = this.posts.get(feedOf(post)) ?? []
    this.posts.set(feedOf(post), feed)
    // One that came before the one below it comes again.
    if (post.seq !== feed.length + 1) return false
    feed.push(post)
    return true
  }

  #keep(item: Item): void {
    this.held.set(idOf(item), item)
    this.fresh.push(item)
  }

  /** Whether another takes part or is invited, as far as this one knows: then they may know who belongs. */
  knows({ owner, device }: GroupDevice): boolean {
    return this.roster.members.get(owner.person)?.state === 'invited' || this.roster.devices.has(device)
  }

  /** To whom news go at once. */
  partners(): readonly DeviceId[] {
    const candidates = (): DeviceId[] => [...this.roster.devices].filter((each) => each !== this.device)
    return this.#partners.of(this.#scope, this.#version, 0, candidates)
  }

  /** What it would give to another: operations, and to members the messages that count. */
  givenTo(other: GroupDevice, items: readonly Item[]): Item[] {
    const isIn = this.roster.devices.has(other.device)
    return items.filter((each) => !('post' in each) || (isIn && this.counts(each.post)))
  }

  /** Whether a message counts, as far as this device knows. */
  counts({ device, generation, seq }: Post): boolean {
    return seq <= this.countingOf(device, generation)
  }

  /** How many messages of a feed count, from its beginning. */
  countingOf(device: DeviceId, generation: Generation): number {
    const standing = this.roster.standingOf(device, generation)
    if (standing === 'none') return 0
    const feed = this.posts.get(feedOf({ device, generation })) ?? []
    if (standing === 'all') return feed.length
    return Math.max(0, ...feed.filter(({ id }) => standing.upTo.includes(id)).map(({ seq }) => seq))
  }

  /** The newest entries that it holds of all feeds of a person's devices. */
  endsOf(devices: readonly DeviceId[]): CutOff[] {
    const tops = [...this.posts.values()].flatMap((feed) => feed.slice(-1))
    return tops
      .filter(({ device }) => devices.includes(device))
      .map(({ device, generation, id }) => ({ device, generation, last: id }))
  }

  /** The next message of its own, in a feed that counts as far as it knows; one that was cut off is gone on with by nobody. */
  nextPost(generations: Iterable<Generation>, id: EntryId): Post {
    const device = this.device
    for (const generation of generations) {
      if (this.roster.standingOf(device, generation) !== 'all') continue
      return { device, generation, seq: (this.posts.get(feedOf({ device, generation }))?.length ?? 0) + 1, id }
    }
    throw new Error('no generation left')
  }
}
