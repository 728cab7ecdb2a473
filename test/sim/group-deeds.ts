/** What the people of a simulated group do, each upon what their device knows. */

import { mayRule } from '../../protocol/group-rights.ts'
import { generationOf, type DeviceId, type Generation } from '../../protocol/ids.ts'
import { add, out, role, say, type Someone } from '../protocol/group-cast.ts'
import type { GroupDevice } from './group-device.ts'
import { bytesOf, type GroupScene } from './group-scene.ts'

/** The feeds that a device begins, one after the other. */
const generations: readonly Generation[] = Array.from({ length: 16 }, (_, at) =>
  generationOf(bytesOf(`generation ${at}`).slice(0, 8)),
)

export class GroupDeeds {
  readonly #in: GroupScene
  #steps = 0

  constructor(scene: GroupScene) {
    this.#in = scene
  }

  /** Each kind of thing happens once, then one drawn by the seed; and some of it becomes known. */
  step(): void {
    const { random } = this.#in
    const deeds = [
      () => this.#say(this.#anyone()),
      () => this.#in.part(2 + Math.floor(random() * 2)),
      () => this.#remove(this.#ruler()),
      () => this.#removeDevice(this.#anyone()),
      () => this.#lie(),
      () => this.#changeRole(this.#ruler()),
      () => this.#in.part(1),
      () => this.#letBackIn(this.#in.network.pick(this.#rulers().filter((each) => this.#gone(each).length > 0))),
      () => this.#leave(this.#anyone()),
      () => this.#say(this.#anyone()),
      () => this.#say(this.#anyone()),
      () => this.#remove(this.#ruler()),
      () => this.#addDevice(this.#anyone()),
    ]
    const deed = deeds[this.#steps] ?? this.#in.network.pick(deeds)
    this.#steps += 1
    deed?.()
    this.#in.rounds(1 + Math.floor(random() * 4))
    if (random() < 0.2) this.#in.network.compare()
    this.acceptAll()
    this.shutOut()
  }

  /** Somebody who belongs, as far as they know. */
  #anyone(): GroupDevice | undefined {
    return this.#in.network.pick(this.#present())
  }

  #ruler(): GroupDevice | undefined {
    return this.#in.network.pick(this.#rulers())
  }

  #rulers(): GroupDevice[] {
    return this.#present().filter(({ roster, owner }) =>
      ['owner', 'admin'].includes(roster.members.get(owner.person)?.role ?? ''),
    )
  }

  /** Who is out, as far as a device knows. */
  #gone({ roster }: GroupDevice): Someone[] {
    return this.#in.story.people.filter(({ person }) => !roster.members.has(person))
  }

  #present(): GroupDevice[] {
    return this.#in.devices.filter((each) => each.roster.devices.has(each.device))
  }

  #say(by: GroupDevice | undefined): void {
    if (!by?.roster.posters.has(by.device)) return
    this.#in.count('say')
    const posts = 1 + Math.floor(this.#in.random() * 3)
    for (let at = 0; at < posts; at += 1) by.take([{ post: by.nextPost(generations, this.#in.newId()) }])
  }

  /** Somebody whom a device may remove, as far as it knows. */
  #below({ roster, owner }: GroupDevice): Someone | undefined {
    const me = roster.members.get(owner.person)
    return this.#in.network.pick(
      this.#in.story.people.filter(({ person }) => {
        const them = roster.members.get(person)
        return them && me && person !== owner.person && person !== roster.root && mayRule(me.role, them.role)
      }),
    )
  }

  #devicesOf(who: Someone): DeviceId[] {
    return this.#in.devices.filter(({ owner }) => owner === who).map(({ device }) => device)
  }

  #remove(by: GroupDevice | undefined): void {
    const whom = by && this.#below(by)
    if (by === undefined || whom === undefined) return
    this.#in.count('remove')
    this.#in.post(by, out(whom, ...by.endsOf(this.#devicesOf(whom))))
    this.#in.mint(by)
  }

  #letBackIn(by: GroupDevice | undefined): void {
    const whom = by && this.#in.network.pick(this.#gone(by))
    if (by === undefined || whom === undefined) return
    this.#in.count('let back in')
    this.#in.post(by, add(whom))
  }

  /** Who knows that they are invited accepts; true if anybody did. */
  acceptAll(): boolean {
    let isAny = false
    for (const each of this.#in.devices) {
      if (each.roster.members.get(each.owner.person)?.state !== 'invited') continue
      // One device for all of them, and none that was removed.
      if (each.actor.device !== each.owner.device.device) continue
      this.#in.count('accept')
      this.#in.post(each, { kind: 'accept' })
      isAny = true
    }
    return isAny
  }

  #changeRole(by: GroupDevice | undefined): void {
    const whom = by && this.#below(by)
    if (by === undefined || whom === undefined) return
    const given = this.#in.random() < 0.5 ? 'reader' : 'member'
    this.#in.count('change a role')
    this.#in.post(by, role(whom, given, ...(given === 'reader' ? by.endsOf(this.#devicesOf(whom)) : [])))
  }

  #leave(by: GroupDevice | undefined): void {
    if (by === undefined || by.roster.root === by.owner.person) return
    this.#in.count('leave')
    this.#in.post(by, { kind: 'leave', cutOffs: by.endsOf(this.#devicesOf(by.owner)) })
  }

  #addDevice(one: GroupDevice | undefined): void {
    const first = one && this.#in.devices.find(({ owner }) => owner === one.owner)
    if (first === undefined) return
    this.#in.count('add a device')
    this.#in.addDevice(first)
  }

  /** A person's first device removes another of theirs, says where it ends, and makes a new key. */
  #removeDevice(one: GroupDevice | undefined): void {
    if (one === undefined) return
    const { owner } = one
    const [first, ...others] = this.#in.devices.filter((each) => each.owner === owner)
    const victim = first && this.#in.network.pick(others.filter(({ device }) => first.roster.devices.has(device)))
    if (first === undefined || victim === undefined) return
    this.#in.count('remove a device')
    first.take([{ operation: owner.log.remove(first.actor, victim.actor) }])
    this.#end(first, [victim.device])
  }

  #end(by: GroupDevice, gone: readonly DeviceId[]): void {
    const ends = by.endsOf(gone)
    // One end has to be named, also where nothing is held: until a device is named, what it posts counts.
    const [generation] = generations
    for (const device of gone)
      if (generation && !ends.some((each) => each.device === device)) ends.push({ device, generation, last: undefined })
    this.#in.post(by, { kind: 'cutOff', cutOffs: ends })
    this.#in.mint(by)
  }

  /** Where what had ended removed devices is void by now, their persons' first devices end them again; true if any did. */
  shutOut(): boolean {
    const open = this.#present()
      .filter(({ actor, owner }) => actor === owner.device)
      .map((by) => ({ by, gone: by.withoutEnd() }))
      .filter(({ gone }) => gone.length > 0)
    for (const { by, gone } of open) this.#end(by, gone)
    return open.length > 0
  }

  /** A device that is out acts as if it were not, upon what it knew when it was in. */
  #lie(): void {
    const gone = this.#in.devices.filter(({ device }) => !this.#in.devices[0]?.roster.devices.has(device))
    const liar = this.#in.network.pick(gone)
    if (liar === undefined) return
    this.#in.count('lie')
    const known = [...liar.held.values()].flatMap((each) => ('operation' in each ? [each.operation] : []))
    const from = this.#in.network.pick(known.filter(({ scope }) => scope === this.#in.story.scope))
    const heads = [...(from === undefined ? [] : [from]), ...liar.ownHeads]
    const [friend, enemy] = [this.#in.network.pick(this.#in.story.people), this.#in.network.pick(this.#in.story.people)]
    if (friend === undefined || enemy === undefined) return
    this.#in.post(liar, add(friend, 'reader'), heads)
    this.#in.post(liar, out(enemy, ...liar.endsOf(this.#devicesOf(enemy))), heads)
    this.#in.post(liar, say([['name', 'Lies']]), heads)
    this.#in.mint(liar)
    const generation = generationOf(this.#in.newBytes().slice(0, 8))
    liar.take([{ post: { device: liar.device, generation, seq: 1, id: this.#in.newId() } }])
  }
}
