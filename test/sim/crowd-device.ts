/** One device of a simulated group: the real conversations and sync rooms over a store in memory, and what its links carried. */

import { Bus } from '../../daemon/bus.ts'
import { Conversations } from '../../daemon/conversations/conversations.ts'
import type { Shown } from '../../daemon/conversations/reader.ts'
import { MemoryDisk } from '../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../daemon/store/memory-store.ts'
import { Registers } from '../../daemon/registers/registers.ts'
import { Sync } from '../../daemon/sync/sync.ts'
import { lanes } from '../../protocol/entry.ts'
import type { FeedRanges, Frame } from '../../protocol/frames.ts'
import type { DeviceId, EntryId, PersonId, Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { runOf, type Actor, type PersonLog } from '../protocol/cast.ts'
import type { MemoryLink } from '../support/link-pair.ts'
import type { VirtualTime } from '../support/virtual-time.ts'

const everything = { before: undefined, after: undefined, limit: 100_000 }
const noLimit = 2 ** 40

/** The log of a person as it travels: each operation alone. */
export const runsOf = (log: PersonLog): Run[] => log.entries.map((entry) => runOf([entry]))

/** What the links of one device carried to others. */
export interface Work {
  frames: number
  bytes: number
  /** Entries, each time one went out. */
  entries: number
  /** By own message: to whom it went at once. */
  readonly pushed: Map<EntryId, Set<DeviceId>>
}

export class CrowdDevice {
  readonly name: string
  readonly device: DeviceId
  readonly person: PersonId
  readonly conversations: Conversations
  readonly sync: Sync
  /** The own ends, by the device that they lead to. */
  readonly links = new Map<DeviceId, MemoryLink>()
  readonly work: Work = { frames: 0, bytes: 0, entries: 0, pushed: new Map() }
  readonly complaints: string[]
  side = 0

  /** Use CrowdDevice.open(). */
  constructor(name: string, actor: Actor, person: PersonId, rooms: [Conversations, Sync], complaints: string[]) {
    this.name = name
    this.device = actor.device
    this.person = person
    ;[this.conversations, this.sync] = rooms
    this.complaints = complaints
  }

  /** A device whose key is given, and all else drawn from `time`. */
  static async open(name: string, time: VirtualTime, actor: Actor, log: PersonLog): Promise<CrowdDevice> {
    const complaints: string[] = []
    const store = await openMemoryStore(new MemoryDisk(name))
    const self = { device: actor.device, person: log.person, signingKey: actor.key }
    const random = (length: number): Uint8Array => Uint8Array.from({ length }, () => time.random() * 256)
    const report = (level: string, text: string): void => {
      if (level === 'warn' || level === 'error') complaints.push(text)
    }
    const deps = { store, self, bus: new Bus(), log: report, timers: time, random }
    const conversations = await Conversations.open(deps, runsOf(log))
    const { peers } = conversations
    const registers = new Registers({
      store,
      self,
      now: () => time.now(),
      devicesOf: (scope) => peers.devicesOf(scope),
      maySee: (device, scope) => peers.maySee(device, scope),
      isOwn: () => false,
    })
    const presence = { linked: () => {}, unlinked: () => {}, live: () => {} }
    const sync = new Sync({ log: peers, registers, presence, report, timers: time, random: time.random })
    conversations.linked = () => sync.links().map(({ device }) => device)
    conversations.groups.gatherTops = async (scope, whose) => {
      const { devices, removed } = peers.personState(whose)
      await sync.gatherTops(scope, [...devices.keys(), ...removed])
    }
    // Whoever offers a group is believed to be asked for it.
    peers.groups.isAwaited = () => true
    conversations.shutOut.start()
    return new CrowdDevice(name, actor, log.person, [conversations, sync], complaints)
  }

  /** A frame of this device was read at the other end. */
  sent(frame: Frame, bytes: number, to: DeviceId): void {
    const { work } = this
    work.frames += 1
    work.bytes += bytes
    if (frame.is !== 'entries') return
    for (const { entries } of frame.runs) {
      work.entries += entries.length
      const top = entries[0]?.sealed
      // What is wanted is answered with a frame that says so in the end; what goes at once is a run of the newest.
      if (frame.done || top?.header.lane !== lanes.messages || top.header.device !== this.device) continue
      work.pushed.set(top.id, (work.pushed.get(top.id) ?? new Set()).add(to))
    }
  }

  /** All that this device holds of a scope and would give, operations first. */
  async runs(scope: Scope): Promise<readonly Run[]> {
    const { peers } = this.conversations
    const feeds: FeedRanges[] = peers
      .vector(scope)
      .map(({ device, lane, generation, ranges }) => ({ device, lane, generation, ranges }))
    return (await peers.read(scope, feeds, noLimit)).runs
  }

  /** Takes a group, and the logs of its people, as if they had been gathered over a link. */
  async takeGroup(group: Scope, gathered: ReadonlyMap<Scope, readonly Run[]>, from: CrowdDevice): Promise<void> {
    const { peers } = this.conversations
    const { is } = await peers.consider(group, gathered, from.device)
    if (is !== 'kept') throw new Error(`${this.name} does not take the group`)
  }

  belongs(group: Scope): boolean {
    return this.conversations.owner.has(group) && this.conversations.ownGroups.group(group).standing === 'joined'
  }

  /** Messages as the owner sees them, in the order of the screen; without the lines between. */
  async shown(group: Scope): Promise<Shown[]> {
    const { items } = await this.conversations.owner.page(group, everything)
    return items.filter(({ notice }) => notice === undefined)
  }

  /** What could not be told apart from all that this device makes of the group. */
  state(group: Scope): string {
    const { ownGroups, peers } = this.conversations
    const members = ownGroups
      .members(group)
      .map(({ person, role, state }) => `${person} ${role} ${state}`)
      .toSorted()
    return JSON.stringify([
      Buffer.from(peers.digest(group)).toString('hex'),
      members,
      ownGroups.group(group).settings,
      [...peers.devicesOf(group)].toSorted(),
    ])
  }
}
