/** The people of a simulated group, their devices, and what reaches whom; and how a device makes an operation. */

import { sha256 } from '../../protocol/crypto.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { entryIdOf, type EntryId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Head } from '../../protocol/operation.ts'
import { add, crowdActor, GroupStory, someone, type Bare, type Someone } from '../protocol/group-cast.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { GroupDevice, type Item } from './group-device.ts'
import { GroupNetwork } from './group-network.ts'

export const bytesOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text))
export interface Size {
  readonly persons: number
  /** Devices of each. */
  readonly devices: number
}

export class GroupScene {
  readonly random: () => number
  readonly story: GroupStory
  readonly devices: GroupDevice[]
  readonly network: GroupNetwork
  /** How often each thing happened. */
  readonly done = new Map<string, number>()
  #made = 0

  constructor(seed: number, { persons, devices }: Size) {
    this.random = seededRandom(seed)
    const people = Array.from({ length: persons }, (_, at) => someone(1000 + at))
    const [founder, ...others] = people
    if (founder === undefined) throw new Error('a founder')
    this.story = new GroupStory(founder, others)
    this.devices = people.flatMap((owner, at) => {
      const more = Array.from({ length: devices - 1 }, (_, one) => crowdActor(10_000 + at * 100 + one))
      for (const each of more) owner.log.add(owner.device, each)
      return [owner.device, ...more].map((actor) => new GroupDevice(this.story.scope, owner, actor, this.random))
    })
    this.network = new GroupNetwork(this.devices, this.random)
    this.#join(founder, others)
  }

  /** One more device of a person, which begins with all that `first` holds, but keys. */
  addDevice(first: GroupDevice): void {
    const { owner } = first
    const actor = crowdActor(30_000 + this.devices.length)
    first.take([{ operation: owner.log.add(first.actor, actor) }])
    const device = new GroupDevice(this.story.scope, owner, actor, this.random)
    device.side = first.side
    device.take([...first.held.values()])
    device.fresh = []
    this.devices.push(device)
    this.network.add(device)
  }

  /** Everybody is in, and has everything, the first key too. */
  #join(founder: Someone, others: readonly Someone[]): void {
    const { story } = this
    let top: Head[] = [story.create, ...founder.log.heads]
    for (const [at, who] of others.entries()) {
      const given = at < 2 ? 'owner' : at < 6 ? 'admin' : 'member'
      const added = story.postFrom(founder.device, add(who, given), top, [])
      top = [story.postFrom(who.device, { kind: 'accept' }, [added], who.log.heads)]
    }
    const items: Item[] = [...story.people.flatMap(({ log }) => log.operations), ...story.operations].map(
      (operation) => ({ operation }),
    )
    for (const each of this.devices) {
      each.take(items)
      each.fresh = []
    }
    const [first] = this.devices
    if (first !== undefined) this.mint(first)
    this.rounds(60)
    for (const each of this.devices) Object.assign(each.work, { came: 0, sent: 0 })
  }

  rounds(count: number): void {
    for (let round = 0; round < count && this.network.spread(); round += 1);
    this.network.handOutKeys()
  }

  part(sides: number): void {
    this.count(sides === 1 ? 'heal' : 'part')
    this.network.part(sides)
  }

  count(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1)
  }

  /** Somebody makes an operation, upon all that they have seen or upon `heads`. */
  post(by: GroupDevice, bare: Bare, heads: readonly Head[] = this.newsOf(by)): LoggedOperation {
    const operation = this.story.postFrom(by.actor, bare, heads, [])
    by.take([{ operation }])
    return operation
  }

  /** One's own log is named also by who has not joined. */
  newsOf({ roster, owner, ownHeads }: GroupDevice): Head[] {
    const isIn = roster.members.get(owner.person)?.state === 'joined'
    return isIn ? [...roster.news] : [...roster.heads, ...ownHeads]
  }

  mint(by: GroupDevice): void {
    const commitment = epochCommitment(this.newBytes())
    const epoch = epochIdFor(this.story.scope, [], commitment)
    this.post(by, { kind: 'epoch', epoch, parents: [], commitment, parentKeys: [] })
    by.keys.add(epoch)
  }

  newId(): EntryId {
    return entryIdOf(this.newBytes())
  }

  /** 32 bytes that are no other call's. */
  newBytes(): Uint8Array {
    return bytesOf(`made ${(this.#made += 1)}`)
  }
}
