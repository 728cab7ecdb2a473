/** One device's rooms over a memory store, and a network of them: hellos and links without sockets. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { isRevived } from '../../daemon/backup/archive-mark.ts'
import type { BlobsOptions } from '../../daemon/blobs/blobs.ts'
import { Bus, type BusEvent } from '../../daemon/bus.ts'
import type { Shown } from '../../daemon/conversations/reader.ts'
import type { Log } from '../../daemon/log.ts'
import { openRooms, type Rooms, type RoomsDeps } from '../../daemon/rooms.ts'
import { MemoryDisk } from '../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../daemon/store/memory-store.ts'
import type { Store } from '../../daemon/store/store.ts'
import type { Timers } from '../../daemon/timers.ts'
import { linkTypeOf } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { ConversationId, DeviceId } from '../../protocol/ids.ts'
import { blobTalkPair, type BlobTalkEnd, type Tamper } from './blob-talk-pair.ts'
import type { LinkPairOptions, MemoryLink } from './link-pair.ts'
import { linkPair } from './link-pair.ts'
import { VirtualTime } from './virtual-time.ts'

export interface DeviceOptions {
  readonly timers: Timers
  /** How far the clock of this device is off. */
  readonly clockOffMs?: number
  readonly random?: (length: number) => Uint8Array
  readonly files?: Partial<BlobsOptions>
  readonly log?: Log
}

/** Says hello and links like the real network, between devices of one process. */
export class Neighbourhood {
  readonly devices = new Map<DeviceId, Device>()
  readonly links = new Map<string, readonly [MemoryLink, MemoryLink]>()
  readonly timers: Timers
  /** Applied to every new link. */
  linkOptions: Partial<LinkPairOptions> = {}
  /** What becomes of frames of files. */
  tamper: Tamper = (frame) => [frame]
  /** Streams for files that were opened. */
  readonly talks: BlobTalkEnd[] = []
  /** Pairs that cannot reach each other. */
  readonly parted = new Set<string>()

  constructor(timers: Timers) {
    this.timers = timers
  }

  pairOf(a: DeviceId, b: DeviceId): string {
    return a < b ? `${a} ${b}` : `${b} ${a}`
  }

  /** One hello each way; both wishing, a link comes up. */
  greet(from: Device, to: Device): void {
    const pair = this.pairOf(from.id, to.id)
    if (this.parted.has(pair) || !from.running || !to.running) return
    const heardThere = to.hear(from)
    const heardHere = from.hear(to)
    if (heardThere !== 'link' || heardHere !== 'link' || this.links.has(pair)) return
    const ends = linkPair({ timers: this.timers, devices: [from.id, to.id], ...this.linkOptions })
    this.links.set(pair, ends)
    ends[0].closed.addEventListener('abort', () => this.links.delete(pair))
    from.rooms.sync.addLink(ends[0])
    to.rooms.sync.addLink(ends[1])
    from.rooms.blobs.linkedWith(to.id)
    to.rooms.blobs.linkedWith(from.id)
  }

  /** Opens a stream for files on the link of two devices; it ends with the link. */
  openBlob(from: Device, id: DeviceId): BlobTalkEnd {
    const to = this.devices.get(id)
    const ends = this.links.get(this.pairOf(from.id, id))
    if (to === undefined || ends === undefined) throw new WarrenError('LINK_CLOSED', 'there is no link')
    const [here, there] = blobTalkPair(from.id, id, (frame, by) => this.tamper(frame, by))
    this.talks.push(here)
    ends[0].closed.addEventListener('abort', () => here.end(), { once: true })
    void to.rooms.blobs.heard(there)
    return here
  }

  /** The two cannot reach each other until healed. */
  part(a: Device, b: Device): void {
    const pair = this.pairOf(a.id, b.id)
    this.parted.add(pair)
    this.links.get(pair)?.[0].wire.cut()
  }

  heal(a: Device, b: Device): void {
    this.parted.delete(this.pairOf(a.id, b.id))
    this.greet(a, b)
  }

  /** Every device says hello to every other that it keeps in touch with. */
  greetAll(): void {
    for (const from of this.devices.values()) {
      for (const id of from.kept) {
        const to = this.devices.get(id)
        if (to !== undefined) this.greet(from, to)
      }
    }
  }
}

export class Device {
  /** Replaced when a copy is put back. */
  disk: MemoryDisk
  /** What was logged as a warning or an error. */
  readonly complaints: string[] = []
  readonly name: string
  readonly place: Neighbourhood
  readonly options: DeviceOptions
  kept: readonly DeviceId[] = []
  readonly events: BusEvent[] = []
  /** Addresses at which the network was to look whether a device is there. */
  readonly checked: [device: DeviceId, address: string][] = []
  running = false
  /** Who answers at an address, which is a device's id unless a test says otherwise. */
  answerLook = (address: string): Device | undefined => this.place.devices.get(address as DeviceId)
  /** Counts starts and crashes. */
  #runs = 0
  #rooms: Rooms | undefined
  #store: Store | undefined

  constructor(name: string, place: Neighbourhood, options: DeviceOptions, disk = new MemoryDisk(name)) {
    this.name = name
    this.place = place
    this.options = options
    this.disk = disk
  }

  get rooms(): Rooms {
    if (this.#rooms === undefined) throw new Error(`${this.name} was never started`)
    return this.#rooms
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error(`${this.name} was never started`)
    return this.#store
  }

  get id(): DeviceId {
    return this.rooms.identity.device
  }

  async start(): Promise<this> {
    const bus = new Bus()
    bus.subscribe((event) => this.events.push(event))
    this.#store = await openMemoryStore(this.disk)
    const { clockOffMs = 0, random = (length) => new Uint8Array(randomBytes(length)) } = this.options
    const { timers: place } = this.options
    const timers: Timers = { now: () => place.now() + clockOffMs, after: (ms, run) => place.after(ms, run) }
    this.#runs += 1
    const run = this.#runs
    const log: Log = (level, text, fields) => {
      // The dead say nothing.
      if (run !== this.#runs) return
      if (level === 'warn' || level === 'error') this.complaints.push(text)
      this.options.log?.(level, text, fields)
    }
    this.#rooms = await openRooms(
      { store: this.#store, bus, log, timers, random, files: this.options.files ?? {}, reach: () => this.#reach() },
      this.name,
    )
    this.running = true
    this.place.devices.set(this.id, this)
    await this.rooms.contacts.start()
    this.rooms.conversations.shutOut.start(isRevived(this.#store))
    return this
  }

  #reach(): ReturnType<RoomsDeps['reach']> {
    const find = (device: DeviceId): Device | undefined => this.place.devices.get(device)
    return {
      keep: (devices) => {
        this.kept = devices
      },
      greet: async (device) => {
        const other = find(device)
        // Not in the caller's turn, as on a network.
        await Promise.resolve()
        if (other !== undefined) this.place.greet(this, other)
      },
      look: (address) => {
        const other = this.answerLook(address)
        if (other?.running !== true) return Promise.reject(new WarrenError('REFUSED', 'nobody is there'))
        if (linkTypeOf(address) === 'group') this.place.greet(this, other)
        return Promise.resolve({ device: other.id, hello: other.sayHello(this) })
      },
      disconnect: (device) => {
        const ends = this.place.links.get(this.place.pairOf(this.id, device))
        for (const end of ends ?? []) void end.close(0)
      },
      check: (device, address) => {
        this.checked.push([device, address])
        return Promise.resolve()
      },
      learn: () => {},
      blob: async (device) => await Promise.resolve(this.place.openBlob(this, device)),
    }
  }

  sayHello(to: Device): Hello {
    const said = this.rooms.contacts.hello({ device: to.id, privateAddress: true })
    const { timers } = this.options
    return { ...said, versions: [1, 1], features: [], bootId: new Uint8Array(8), linkNumber: 1, wallMs: timers.now() }
  }

  hear(from: Device): 'link' | 'stranger' {
    return this.rooms.contacts.heard({ device: from.id, privateAddress: true, inbound: true }, from.sayHello(this))
  }

  /** Closes like a daemon that was told to. */
  async stop(): Promise<void> {
    this.running = false
    await this.rooms.close()
    await this.store.close()
  }

  /** Ends as by kill -9. `keepUnderWay`: the batch under way reached the disk. */
  crash(keepUnderWay = false): void {
    this.running = false
    this.#runs += 1
    this.disk.crash(keepUnderWay)
    for (const [pair, ends] of this.place.links) if (pair.split(' ').includes(this.id)) ends[0].wire.cut()
    // Not waited for: what it waits for itself never comes.
    void this.rooms.sync.close()
  }

  /** Puts back a copy of the home, as a restored snapshot does; the device is not running. */
  putBack(copy: MemoryDisk): void {
    this.disk = copy.snapshot()
  }

  /** Asks another device for contact, which says yes. */
  async befriend(other: Device, settle: () => Promise<void>): Promise<ConversationId> {
    await this.rooms.contacts.request({ device: other.id, hello: other.sayHello(this) }, `hello from ${this.name}`)
    await settle()
    await other.rooms.contacts.accept(this.rooms.identity.person)
    await settle()
    return this.conversationWith(other)
  }

  conversationWith(other: Device): ConversationId {
    const id = this.rooms.conversations.owner.idFor(other.rooms.identity.person)
    if (id === undefined) throw new Error(`${this.name} has no conversation with ${other.name}`)
    return id
  }

  async say(conversation: ConversationId, text: string, clientId = `${this.name}: ${text}`): Promise<string> {
    const { message } = await this.rooms.conversations.owner.post(conversation, text, clientId)
    return message.order
  }

  /** All messages of a conversation, oldest first. */
  async messages(conversation: ConversationId): Promise<Shown[]> {
    const all = { before: undefined, after: undefined, limit: 100_000 }
    return (await this.rooms.conversations.owner.page(conversation, all)).items.toReversed()
  }

  /** All texts of a conversation, oldest first. */
  async texts(conversation: ConversationId): Promise<string[]> {
    return (await this.messages(conversation)).map(({ text }) => text)
  }

  unread(conversation: ConversationId): number {
    return this.rooms.conversations.owner.record(conversation).unread
  }
}

export interface Pair {
  readonly time: VirtualTime
  readonly place: Neighbourhood
  readonly alice: Device
  readonly bob: Device
  readonly chat: ConversationId
  readonly settle: (ms?: number) => Promise<void>
}

/** Alice and Bob, who are contacts and linked. Stopped with `t`. */
export async function twoContacts(t: Test, seed = 7, options: Partial<DeviceOptions> = {}): Promise<Pair> {
  const { time, place, settle, start } = neighbourhood(t, seed, options)
  const alice = await start('alice')
  const bob = await start('bob')
  const chat = await alice.befriend(bob, settle)
  return { time, place, alice, bob, chat, settle }
}

export interface World {
  readonly time: VirtualTime
  readonly place: Neighbourhood
  readonly settle: (ms?: number) => Promise<void>
  readonly start: (name: string, more?: Partial<DeviceOptions>) => Promise<Device>
}

/** An empty neighbourhood; devices that were started in it are stopped with `t`. */
export function neighbourhood(t: Test, seed = 7, options: Partial<DeviceOptions> = {}): World {
  const time = new VirtualTime(seed)
  const place = new Neighbourhood(time)
  const devices: Device[] = []
  t.teardown(async () => {
    for (const each of devices) if (each.running) await each.stop()
  })
  return {
    time,
    place,
    settle: async (ms = 1000) => await time.pass(ms),
    start: async (name, more = {}) => {
      const device = new Device(name, place, { timers: time, ...options, ...more })
      devices.push(device)
      return await device.start()
    },
  }
}
