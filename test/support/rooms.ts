/** One device of a simulation: real rooms over a store in memory, with links, crashes and restarts under the test's control. */

import { toBase32 } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { ConversationId, DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { Bus } from '../../daemon/bus.ts'
import type { Conversations } from '../../daemon/conversations/conversations.ts'
import type { Log } from '../../daemon/log.ts'
import { openRooms, type Rooms as OpenRooms } from '../../daemon/rooms.ts'
import { MemoryDisk } from '../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../daemon/store/memory-store.ts'
import type { Store } from '../../daemon/store/store.ts'
import type { Sync } from '../../daemon/sync/sync.ts'
import { noBlobs } from './blob-talk-pair.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Running {
  readonly store: Store
  readonly rooms: OpenRooms
}

/** Links are made by the simulation: nobody is dialled. */
const nowhere = {
  keep: () => {},
  greet: () => Promise.resolve(),
  look: () => Promise.reject(new WarrenError('UNREACHABLE', 'there is no network in a simulation')),
  disconnect: () => {},
  check: () => Promise.resolve(),
}

export class Rooms {
  /** What was reported as a warning or worse. */
  readonly complaints: string[] = []
  readonly #time: VirtualTime
  readonly #name: string
  #disk: MemoryDisk
  #running: Running | undefined
  /** Counts crashes. */
  #session = 0
  /** Persons met, with what their hello proved. */
  readonly #met = new Map<PersonId, readonly Run[]>()

  constructor(time: VirtualTime, name: string) {
    this.#time = time
    this.#name = name
    this.#disk = new MemoryDisk(name)
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  get sync(): Sync {
    return this.#now().rooms.sync
  }

  get conversations(): Conversations {
    return this.#now().rooms.conversations
  }

  get person(): PersonId {
    return this.#now().rooms.identity.person
  }

  get device(): DeviceId {
    return this.#now().rooms.identity.device
  }

  async start(): Promise<void> {
    const timers = this.#time
    const random = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(timers.random() * 256))
    const session = this.#session
    const log: Log = (level, text, fields) => {
      // A crashed device says nothing more.
      if (session !== this.#session) return
      if (level === 'warn' || level === 'error')
        this.complaints.push(`${this.#name}: ${text} ${fields?.['code'] ?? ''}`)
    }
    const store = await openMemoryStore(this.#disk)
    const reach = { ...nowhere, learn: () => {}, blob: noBlobs }
    const rooms = await openRooms({ store, bus: new Bus(), log, timers, random, reach: () => reach }, this.#name)
    rooms.conversations.peers.sharing.standings = {
      isContact: (person) => this.#met.has(person),
      isBlocked: () => false,
    }
    this.#running = { store, rooms }
  }

  /** What the contacts room does once both owners said yes. */
  async meet(other: Rooms): Promise<ConversationId> {
    this.#met.set(other.person, await other.conversations.peers.proof())
    await this.conversations.peers.learnPerson(other.person, this.#met.get(other.person) ?? [])
    return (await this.conversations.peers.openDirect(other.person)) as ConversationId
  }

  /** As kill -9: what was not durable is gone. `keepUnderWay`: the batch under way made it to the disk. Cut its links first. */
  crash(keepUnderWay: boolean): void {
    const { rooms } = this.#now()
    this.#session += 1
    this.#disk.crash(keepUnderWay)
    this.#running = undefined
    // Not waited for: what it waits for itself never comes.
    void rooms.sync.close()
  }

  async stop(): Promise<void> {
    const { rooms, store } = this.#now()
    this.#running = undefined
    await rooms.close()
    await store.close()
  }

  /** An image of the disk as it is now. */
  backUp(): MemoryDisk {
    return this.#disk.snapshot()
  }

  /** Puts an image back while nothing runs. */
  restore(disk: MemoryDisk): void {
    this.#disk = disk.snapshot()
  }

  /** Texts of a conversation in the order of the screen. */
  async texts(id: Scope): Promise<string[]> {
    const { items } = await this.conversations.owner.page(id, { before: undefined, after: undefined, limit: 100_000 })
    const texts = items.map((item) => ({ order: item.order, text: item.unreadable ? '(unreadable)' : item.text }))
    return texts.toSorted((a, b) => (a.order < b.order ? -1 : 1)).map(({ text }) => text)
  }

  /** The same for devices that hold the same. */
  digest(id: Scope): string {
    return toBase32(this.conversations.peers.digest(id))
  }

  #now(): Running {
    if (this.#running === undefined) throw new Error(`${this.#name} is not running`)
    return this.#running
  }
}
