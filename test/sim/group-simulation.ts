/** A group of many devices that parts, removes, lets back in and is lied to, by one seed; and what must hold in the end. */

import { sha256 } from '../../protocol/crypto.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { mayRule } from '../../protocol/group-rights.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import { entryIdOf, generationOf, type DeviceId, type EntryId, type Generation } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { EpochState } from '../../protocol/roster.ts'
import type { Head } from '../../protocol/operation.ts'
import {
  add,
  crowdActor,
  GroupStory,
  out,
  role,
  say,
  someone,
  type Bare,
  type Someone,
} from '../protocol/group-cast.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { GroupDevice, type Item } from './group-device.ts'
import { GroupNetwork } from './group-network.ts'

const bytesOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text))
/** The feeds that a device begins, one after the other. */
const generations: readonly Generation[] = Array.from({ length: 16 }, (_, at) =>
  generationOf(bytesOf(`generation ${at}`).slice(0, 8)),
)

/** Those that a writer may use: for exactly the devices that belong now. */
export const fittingEpochs = ({ epochs, devices }: GroupRoster): EpochState[] =>
  [...epochs.values()].filter(
    ({ recipients }) => recipients.size === devices.size && [...recipients].every((each) => devices.has(each)),
  )

export interface Size {
  readonly persons: number
  /** Devices of each. */
  readonly devices: number
}

export class GroupSimulation {
  readonly random: () => number
  readonly story: GroupStory
  readonly devices: readonly GroupDevice[]
  readonly network: GroupNetwork
  /** How often each thing happened. */
  readonly done = new Map<string, number>()
  #made = 0
  #steps = 0

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
    if (first !== undefined) this.#mint(first)
    this.rounds(60)
    for (const each of this.devices) Object.assign(each.work, { came: 0, sent: 0 })
  }

  /** Each kind of thing happens once, then one drawn by the seed; and some of it becomes known. */
  step(): void {
    const { random } = this
    const deeds = [
      () => this.#say(this.#anyone()),
      () => this.#part(2 + Math.floor(random() * 2)),
      () => this.#remove(this.#ruler()),
      () => this.#removeDevice(this.#anyone()),
      () => this.#lie(),
      () => this.#changeRole(this.#ruler()),
      () => this.#part(1),
      () => this.#letBackIn(this.network.pick(this.#rulers().filter((each) => this.#gone(each).length > 0))),
      () => this.#leave(this.#anyone()),
      () => this.#say(this.#anyone()),
      () => this.#say(this.#anyone()),
      () => this.#remove(this.#ruler()),
    ]
    const deed = deeds[this.#steps] ?? this.network.pick(deeds)
    this.#steps += 1
    deed?.()
    this.rounds(1 + Math.floor(random() * 4))
    if (random() < 0.2) this.network.compare()
    this.#acceptAll()
  }

  /** Somebody who belongs, as far as they know. */
  #anyone(): GroupDevice | undefined {
    return this.network.pick(this.#present())
  }

  #ruler(): GroupDevice | undefined {
    return this.network.pick(this.#rulers())
  }

  #rulers(): GroupDevice[] {
    return this.#present().filter(({ roster, owner }) =>
      ['owner', 'admin'].includes(roster.members.get(owner.person)?.role ?? ''),
    )
  }

  /** Who is out, as far as a device knows. */
  #gone({ roster }: GroupDevice): Someone[] {
    return this.story.people.filter(({ person }) => !roster.members.has(person))
  }

  #present(): GroupDevice[] {
    return this.devices.filter((each) => each.roster.devices.has(each.device))
  }

  rounds(count: number): void {
    for (let round = 0; round < count && this.network.spread(); round += 1);
    this.network.handOutKeys()
  }

  /** All reach each other, for as long as anybody learns anything; how many digests each that took. */
  settle(): number {
    this.#part(1)
    const digests = this.#digest()
    this.#acceptAll()
    this.#digest()
    // Who writes next makes a key, if there is none that fits.
    const [first] = this.devices
    if (first !== undefined && !fittingEpochs(first.roster).some(({ epoch }) => first.keys.has(epoch)))
      this.#mint(first)
    this.#digest()
    while (this.network.handOutKeys());
    return digests
  }

  #digest(): number {
    for (let digests = 1; ; digests += 1) {
      while (this.network.spread());
      if (!this.network.compare()) return digests
    }
  }

  #part(sides: number): void {
    this.#count(sides === 1 ? 'heal' : 'part')
    this.network.part(sides)
  }

  #count(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1)
  }

  /** Somebody makes an operation, upon all that they have seen or upon `heads`. */
  #post(by: GroupDevice, bare: Bare, heads: readonly Head[] = this.#newsOf(by)): LoggedOperation {
    const operation = this.story.postFrom(by.actor, bare, heads, [])
    by.take([{ operation }])
    return operation
  }

  /** One's own log is named also by who has not joined. */
  #newsOf({ roster, owner }: GroupDevice): Head[] {
    const isIn = roster.members.get(owner.person)?.state === 'joined'
    return isIn ? [...roster.news] : [...roster.heads, ...owner.log.heads]
  }

  #mint(by: GroupDevice): void {
    const commitment = epochCommitment(bytesOf(`key ${(this.#made += 1)}`))
    const epoch = epochIdFor(this.story.scope, [], commitment)
    this.#post(by, { kind: 'epoch', epoch, parents: [], commitment, parentKeys: [] })
    by.keys.add(epoch)
  }

  #newId(): EntryId {
    return entryIdOf(bytesOf(`entry ${(this.#made += 1)}`))
  }

  #say(by: GroupDevice | undefined): void {
    if (!by?.roster.posters.has(by.device)) return
    this.#count('say')
    const posts = 1 + Math.floor(this.random() * 3)
    for (let at = 0; at < posts; at += 1) by.take([{ post: by.nextPost(generations, this.#newId()) }])
  }

  /** Somebody whom a device may remove, as far as it knows. */
  #below({ roster, owner }: GroupDevice): Someone | undefined {
    const me = roster.members.get(owner.person)
    return this.network.pick(
      this.story.people.filter(({ person }) => {
        const them = roster.members.get(person)
        return them && me && person !== owner.person && person !== roster.root && mayRule(me.role, them.role)
      }),
    )
  }

  #devicesOf(who: Someone): DeviceId[] {
    return this.devices.filter(({ owner }) => owner === who).map(({ device }) => device)
  }

  #remove(by: GroupDevice | undefined): void {
    const whom = by && this.#below(by)
    if (by === undefined || whom === undefined) return
    this.#count('remove')
    this.#post(by, out(whom, ...by.endsOf(this.#devicesOf(whom))))
    this.#mint(by)
  }

  #letBackIn(by: GroupDevice | undefined): void {
    const whom = by && this.network.pick(this.#gone(by))
    if (by === undefined || whom === undefined) return
    this.#count('let back in')
    this.#post(by, add(whom))
  }

  /** Who knows that they are invited accepts. */
  #acceptAll(): void {
    for (const each of this.devices) {
      if (each.roster.members.get(each.owner.person)?.state !== 'invited') continue
      // One device for all of them, and none that was removed.
      if (each.actor.device !== each.owner.device.device) continue
      this.#count('accept')
      this.#post(each, { kind: 'accept' })
    }
  }

  #changeRole(by: GroupDevice | undefined): void {
    const whom = by && this.#below(by)
    if (by === undefined || whom === undefined) return
    const given = this.random() < 0.5 ? 'reader' : 'member'
    this.#count('change a role')
    this.#post(by, role(whom, given, ...(given === 'reader' ? by.endsOf(this.#devicesOf(whom)) : [])))
  }

  #leave(by: GroupDevice | undefined): void {
    if (by === undefined || by.roster.root === by.owner.person) return
    this.#count('leave')
    this.#post(by, { kind: 'leave', cutOffs: by.endsOf(this.#devicesOf(by.owner)) })
  }

  /** A person's first device removes another of theirs, says where it ends, and makes a new key. */
  #removeDevice(one: GroupDevice | undefined): void {
    if (one === undefined) return
    const { owner } = one
    const [first, ...others] = this.devices.filter((each) => each.owner === owner)
    const victim = first && this.network.pick(others.filter(({ device }) => first.roster.devices.has(device)))
    if (first === undefined || victim === undefined) return
    this.#count('remove a device')
    first.take([{ operation: owner.log.remove(first.actor, victim.actor) }])
    const ends = first.endsOf([victim.device])
    // One end has to be named, also where nothing is held: until a device is named, what it posts counts.
    const [generation] = generations
    if (ends.length === 0 && generation) ends.push({ device: victim.device, generation, last: undefined })
    this.#post(first, { kind: 'cutOff', cutOffs: ends })
    this.#mint(first)
  }

  /** A device that is out acts as if it were not, upon what it knew when it was in. */
  #lie(): void {
    const gone = this.devices.filter(({ device }) => !this.devices[0]?.roster.devices.has(device))
    const liar = this.network.pick(gone)
    if (liar === undefined) return
    this.#count('lie')
    const known = [...liar.held.values()].flatMap((each) => ('operation' in each ? [each.operation] : []))
    const from = this.network.pick(known.filter(({ scope }) => scope === this.story.scope))
    const heads = [...(from === undefined ? [] : [from]), ...liar.owner.log.heads]
    const [friend, enemy] = [this.network.pick(this.story.people), this.network.pick(this.story.people)]
    if (friend === undefined || enemy === undefined) return
    this.#post(liar, add(friend, 'reader'), heads)
    this.#post(liar, out(enemy, ...liar.endsOf(this.#devicesOf(enemy))), heads)
    this.#post(liar, say([['name', 'Lies']]), heads)
    this.#mint(liar)
    liar.take([{ post: { device: liar.device, generation: generationOf(this.#bytes8()), seq: 1, id: this.#newId() } }])
  }

  #bytes8(): Uint8Array {
    return bytesOf(`lie ${(this.#made += 1)}`).slice(0, 8)
  }
}
