/** A device that sleeps, its contacts, and push servers in memory that can misbehave. */

import { randomBytes } from 'node:crypto'
import { toBase64url } from '../../protocol/base64url.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { directId, personIdOf, type ConversationId, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { readWake, type WakeGrant } from '../../protocol/register-values.ts'
import type { Answer, Ask } from '../../daemon/push/ask.ts'
import { Push } from '../../daemon/push/push.ts'
import { WakeBook } from '../../daemon/push/wake-book.ts'
import { MemoryDisk } from '../../daemon/store/memory-disk.ts'
import type { Store } from '../../daemon/store/store.ts'
import { openMemoryStore } from '../../daemon/store/memory-store.ts'
import { VirtualTime } from './virtual-time.ts'

export const origin = 'https://push.example'
export const bob = personIdOf(new Uint8Array(32).fill(1))
const alice = personIdOf(new Uint8Array(32).fill(255))
export const dayMs = 24 * 60 * 60_000
/** Of a push server. */
export const json = (status: number, value: unknown): Answer => ({
  status,
  retryAfterMs: 0,
  body: new TextEncoder().encode(JSON.stringify(value)),
})
export const target = {
  platform: 'apns',
  environment: 'production',
  topic: 'org.example',
  token: new Uint8Array(32),
} as const

interface Rows {
  rows: { id: string }[]
}

export class Rig {
  readonly rows = new Set<string>()
  readonly paths: string[] = []
  /** Of each request the server and when it came, in ms since the beginning. */
  readonly asked: { readonly server: string; readonly atMs: number }[] = []
  readonly calls: number[] = []
  readonly given = new Map<ConversationId, WakeGrant[]>()
  contacts: PersonId[] = [bob]
  /** Whose each device is. */
  readonly persons = new Map<DeviceId, PersonId>()
  /** Devices of each contact, and of the owner's. */
  removed = 0
  /** How often something was to be said to a contact. */
  told = 0
  /** The disk takes nothing for contacts. */
  isFull = false
  /** Instead of what a good server answers. */
  mishap: ((path: string, server: string) => Answer | undefined) | undefined
  readonly store: Store
  readonly time: VirtualTime
  readonly #began: number
  readonly push: Push

  /** Use Rig.open(). */
  constructor(store: Store, book: WakeBook, time: VirtualTime) {
    this.store = store
    this.time = time
    this.#began = time.now()
    this.push = new Push({
      book,
      seed: new Uint8Array(32).fill(9),
      ask: async (...all) => await this.#ask(...all),
      timers: this.time,
      log: () => {},
      random: (length) => new Uint8Array(randomBytes(length)),
      personOf: (device) => this.persons.get(device),
      wakers: () => this.contacts,
      removed: () => this.removed,
      directWith: (person) => directId(alice, person),
      registers: {
        set: async (scope, _, value) => {
          this.told += 1
          if (this.isFull) throw new WarrenError('STORE_FULL', 'full')
          this.given.set(scope, readWake(value))
        },
      },
      nameWakers: async () => ({ named: 0, without: 0 }),
      changed: () => {},
    })
  }

  static async open(): Promise<Rig> {
    return await Rig.over(await openMemoryStore(new MemoryDisk('rig')), new VirtualTime())
  }

  /** As after a restart. */
  static async over(store: Store, time: VirtualTime): Promise<Rig> {
    return new Rig(store, await WakeBook.open(store), time)
  }

  #ask: Ask = async (server, { path, body }) => {
    this.paths.push(path)
    this.asked.push({ server, atMs: this.time.now() - this.#began })
    const wrong = this.mishap?.(path, server)
    if (wrong !== undefined) return wrong
    const asked: unknown = body === undefined ? {} : JSON.parse(new TextDecoder().decode(body))
    if (path === '/v1/info') return json(200, { version: '1', origin: server })
    if (path === '/v1/tokens') return json(202, { pendingId: toBase64url(new Uint8Array(40)) })
    const expiresDay = Math.floor(this.time.now() / dayMs) + 90
    if (path === '/v1/tokens/verify') return json(200, { attestation: toBase64url(new Uint8Array(53)), expiresDay })
    if (path === '/v1/rows') {
      const { rows } = asked as Rows
      this.calls.push(rows.length)
      for (const { id } of rows) this.rows.add(id)
      return json(200, { results: rows.map(() => 'stored') })
    }
    this.rows.delete((asked as { id: string }).id)
    return { status: 204, retryAfterMs: 0, body: new Uint8Array(0) }
  }

  async register(server = origin): Promise<void> {
    await this.push.use(server)
    const { pendingId } = await this.push.register(target)
    await this.push.verify(pendingId, new Uint8Array(16))
  }

  grants(person = bob): readonly WakeGrant[] {
    return this.given.get(directId(alice, person)) ?? []
  }
}
