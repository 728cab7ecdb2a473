/** A group over the real rooms: many devices that talk, part, remove, are let in again and come back together, by one seed. */

import { WarrenError } from '../../protocol/errors.ts'
import type { ConversationId, DeviceId, EntryId, PersonId, Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { PersonLog, type Actor } from '../protocol/cast.ts'
import { crowdActor } from '../protocol/group-cast.ts'
import { linkPair } from '../support/link-pair.ts'
import { VirtualTime } from '../support/virtual-time.ts'
import { CrowdDevice, runsOf } from './crowd-device.ts'

export interface CrowdSize {
  readonly persons: number
  /** Devices of each. */
  readonly devices: number
  /** Links that each device makes; about as many are made to it. */
  readonly links: number
}

/** A text, and the devices that did not belong as far as its author knew. */
export interface Said {
  readonly text: string
  readonly by: CrowdDevice
  readonly out: ReadonlySet<DeviceId>
  /** Once its author was told that it is stored. */
  id: EntryId | undefined
}

const minuteMs = 60_000
/** As long as it takes until every link has told its digest once. */
const settleMs = 75_000
const admins = 2

export class CrowdSimulation {
  readonly time: VirtualTime
  readonly size: CrowdSize
  readonly devices: CrowdDevice[] = []
  readonly said: Said[] = []
  /** Persons who were removed once, by whom, and as they stand now. */
  readonly removed = new Set<PersonId>()
  readonly letIn = new Set<PersonId>()
  /** Devices that their persons took out; they are not told. */
  readonly takenOut = new Set<CrowdDevice>()
  readonly refused: string[] = []
  group = '' as ConversationId
  /** When links began to carry anything. */
  begunAt = 0
  readonly #logs: PersonLog[] = []

  constructor(seed: number, size: CrowdSize) {
    this.time = new VirtualTime(seed)
    this.size = size
  }

  get persons(): PersonId[] {
    return this.#logs.map(({ person }) => person)
  }

  /** Everybody is in, holds all operations, and is linked. */
  async begin(seed: number): Promise<void> {
    const { persons, devices } = this.size
    for (let person = 0; person < persons; person += 1) {
      const actors: Actor[] = Array.from({ length: devices }, (_, at) =>
        crowdActor((seed * 7919 + person * devices + at) & 0xffff),
      )
      const [first, ...others] = actors
      if (first === undefined) throw new RangeError('a person has a device')
      const log = new PersonLog(first, person & 255)
      for (const each of others) log.add(first, each)
      this.#logs.push(log)
      for (const [at, actor] of actors.entries())
        this.devices.push(await CrowdDevice.open(`${person}.${at}`, this.time, actor, log))
    }
    await this.#found()
    this.begunAt = this.time.now()
    this.part(1)
    await this.time.pass(settleMs)
  }

  async #found(): Promise<void> {
    const [founder, ...others] = this.devices
    if (founder === undefined) throw new RangeError('nobody')
    const { peers, groups } = founder.conversations
    const logs = new Map<Scope, readonly Run[]>(this.#logs.map((log) => [log.person, runsOf(log)]))
    for (const { person } of this.#logs.slice(1)) await peers.learnPerson(person, logs.get(person) ?? [])
    const group = await groups.create([['name', 'Crowd']], this.persons.slice(1))
    this.group = group
    for (const [at, person] of this.persons.slice(1, 1 + admins).entries())
      await groups.setRole(group, person, at === 0 ? 'owner' : 'admin')
    const firsts = others.filter(({ name }) => name.endsWith('.0'))
    for (const each of firsts) {
      await each.takeGroup(group, new Map([...logs, [group, await founder.runs(group)]]), founder)
      await this.soon(each.conversations.groups.accept(group))
      await peers.accept(group, await each.runs(group), each.device)
    }
    const all = await founder.runs(group)
    const gathered = new Map([...logs, [group, all]])
    for (const each of others) {
      if (firsts.includes(each)) await each.conversations.peers.accept(group, all, founder.device)
      else await each.takeGroup(group, gathered, founder)
    }
  }

  /** Waits for something that may wait for time to pass. */
  async soon<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false }
    const done = work.finally(() => (state.isDone = true))
    done.catch(() => undefined)
    await this.time.pass(0)
    while (!state.isDone) await this.time.pass(100)
    return await done
  }

  pick<Each>(items: readonly Each[]): Each | undefined {
    return items[Math.floor(this.time.random() * items.length)]
  }

  present(): CrowdDevice[] {
    return this.devices.filter((each) => each.belongs(this.group) && !this.takenOut.has(each))
  }

  /** Devices of a person that belong, as far as they know. */
  of(person: PersonId): CrowdDevice[] {
    return this.present().filter((each) => each.person === person)
  }

  /** From now on the devices of each of so many sides reach each other alone. */
  part(sides: number): void {
    for (const each of this.devices) {
      each.side = Math.floor(this.time.random() * sides)
      for (const end of each.links.values()) end.wire.cut()
    }
    for (const one of this.devices) {
      const near = this.devices.filter((each) => each !== one && each.side === one.side)
      const wanted = Math.min(near.length, this.size.links)
      for (let tries = 0, made = 0; made < wanted && tries < 4 * wanted; tries += 1) {
        const other = this.pick(near)
        if (other === undefined || one.links.has(other.device)) continue
        this.#link(one, other)
        made += 1
      }
    }
  }

  /** Who has links with none but those who are out, as one of both knows, finds somebody else, as a daemon does. */
  #connect(): void {
    const left = new Set(this.present())
    const reached: CrowdDevice[] = []
    for (let [start] = left; start !== undefined; [start] = left) {
      const one = start
      const other = reached.find((each) => !one.links.has(each.device) && this.#areTogether(one, each))
      if (other !== undefined) this.#link(one, other)
      const open = [one]
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const at = next
        if (!left.delete(at)) continue
        reached.push(at)
        open.push(...[...left].filter((each) => at.links.has(each.device) && this.#areTogether(at, each)))
      }
    }
  }

  #areTogether(one: CrowdDevice, other: CrowdDevice): boolean {
    const knows = ({ conversations: { peers } }: CrowdDevice, { device }: CrowdDevice): boolean =>
      peers.devicesOf(this.group).has(device)
    return knows(one, other) && knows(other, one)
  }

  #link(one: CrowdDevice, other: CrowdDevice): void {
    const byId = new Map<DeviceId, [CrowdDevice, CrowdDevice]>([
      [one.device, [one, other]],
      [other.device, [other, one]],
    ])
    const ends = linkPair({
      timers: this.time,
      devices: [one.device, other.device],
      delayMs: 1 + this.time.random() * 40,
      onFrame: (frame, from, bytes) => {
        const [sender, receiver] = byId.get(from) ?? []
        if (sender !== undefined && receiver !== undefined) sender.sent(frame, bytes, receiver.device)
      },
    })
    for (const [each, end] of [
      [one, ends[0]],
      [other, ends[1]],
    ] as const) {
      each.links.set(end.device, end)
      end.closed.addEventListener('abort', () => each.links.delete(end.device))
      each.sync.addLink(end)
    }
  }

  /** Some of those who belong say something, each on one device. */
  async talk(count: number, among: readonly CrowdDevice[] = this.present()): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const by = this.pick(among)
      if (by !== undefined) this.say(by)
      await this.time.pass(this.time.random() * 500)
    }
  }

  say(by: CrowdDevice): void {
    const belonging = by.conversations.peers.devicesOf(this.group)
    const out = new Set(this.devices.flatMap(({ device }) => (belonging.has(device) ? [] : [device])))
    const one: Said = { text: `${this.said.length} by ${by.name}`, by, out, id: undefined }
    this.said.push(one)
    by.conversations.owner.post(this.group, one.text, one.text).then(
      ({ message }) => (one.id = message.id),
      (error: unknown) => this.#refused(error),
    )
  }

  /** What is not allowed is refused, and that is fine; anything else is not. */
  #refused(error: unknown): void {
    if (!(error instanceof WarrenError && error.code === 'NOT_ALLOWED')) this.refused.push(String(error))
  }

  /** Somebody with the right to removes somebody; the owner's first device does what takes one. */
  async remove(by: CrowdDevice, person: PersonId): Promise<void> {
    this.removed.add(person)
    this.letIn.delete(person)
    await this.soon(by.conversations.groups.remove(this.group, person))
  }

  /** A person takes out another device of theirs. */
  async takeOut(by: CrowdDevice, device: CrowdDevice): Promise<void> {
    this.takenOut.add(device)
    await this.soon(by.conversations.ownLog.remove(device.device))
  }

  /** Somebody is asked in again, and says yes. */
  async letBackIn(by: CrowdDevice, person: PersonId): Promise<void> {
    await this.soon(by.conversations.groups.add(this.group, person, 'member'))
    const theirs = this.devices.filter((each) => each.person === person)
    const invited = (): CrowdDevice | undefined =>
      theirs.find((each) => each.conversations.ownGroups.group(this.group).standing === 'invited')
    await this.time.until(() => invited() !== undefined)
    const first = invited()
    if (first === undefined) throw new Error('nobody heard that they are asked')
    await this.soon(first.conversations.groups.accept(this.group))
    this.letIn.add(person)
  }

  /** Until nothing is new any more; in virtual minutes. */
  async settle(): Promise<number> {
    for (let minutes = 0, before = ''; ; minutes += settleMs / minuteMs) {
      this.#connect()
      await this.time.pass(settleMs)
      const states = new Set(this.present().map((each) => each.state(this.group)))
      const now = [...states].toSorted().join()
      if (states.size === 1 && now === before) return minutes
      if (minutes > 60) return minutes
      before = now
    }
  }

  async stop(): Promise<void> {
    for (const each of this.devices) for (const end of each.links.values()) end.wire.cut()
    await this.soon(Promise.all(this.devices.map(async ({ sync }) => await sync.close())))
    await this.soon(Promise.all(this.devices.map(async ({ conversations }) => await conversations.close())))
  }
}
