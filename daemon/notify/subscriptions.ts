/** The owner's browsers that are told while no page is open, and how much they are told. */

import { utf8 } from '../../protocol/bytes.ts'
import { decode, encode, readArray, readBytes, readText, readUint } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'

const languages = ['en', 'de'] as const
export type PushLanguage = (typeof languages)[number]

export interface Subscription {
  /** Of the browser session that it belongs to; there is one for each. */
  readonly session: string
  readonly label: string
  readonly endpoint: string
  /** The browser's P-256 point, uncompressed: 65 bytes. */
  readonly p256dh: Uint8Array
  /** 16 bytes. */
  readonly auth: Uint8Array
  readonly language: PushLanguage
  /** Epoch milliseconds. */
  readonly createdAt: number
}

const previewsKey: Key = { table: tables.setting, at: [6] }

const row = (s: Subscription): Uint8Array =>
  encode([s.session, s.label, s.endpoint, s.p256dh, s.auth, languages.indexOf(s.language), s.createdAt])

function readRow(bytes: Uint8Array): Subscription {
  const f = readArray(decode(bytes), 7)
  return {
    session: readText(f[0], 64),
    label: readText(f[1], 256),
    endpoint: readText(f[2], limits.pushEndpointBytes),
    p256dh: readBytes(f[3], 65),
    auth: readBytes(f[4], 16),
    language: languages[readUint(f[5], languages.length - 1)] ?? 'en',
    createdAt: readUint(f[6]),
  }
}

export class Subscriptions {
  readonly #store: Store
  readonly #all = new Map<string, Subscription>()
  #previews: boolean

  /** Use Subscriptions.open(). */
  constructor(store: Store) {
    this.#store = store
    const kept = store.get(previewsKey)
    this.#previews = kept === undefined || readUint(decode(kept), 1) === 1
  }

  /** Throws STORE_…. */
  static async open(store: Store): Promise<Subscriptions> {
    const opened = new Subscriptions(store)
    for (const { value } of await store.range(tables.push)) {
      const each = readRow(value)
      opened.#all.set(each.session, each)
    }
    return opened
  }

  /** Newest first. */
  list(): readonly Subscription[] {
    return [...this.#all.values()].toSorted((a, b) => b.createdAt - a.createdAt || (a.session < b.session ? -1 : 1))
  }

  get previews(): boolean {
    return this.#previews
  }

  async setPreviews(previews: boolean): Promise<void> {
    await this.#store.commit((batch) => batch.put(previewsKey, encode(previews ? 1 : 0)))
    this.#previews = previews
  }

  /** In the place of the session's earlier one. Durable when it resolves. Throws TOO_LARGE. */
  async put(subscription: Subscription): Promise<void> {
    const { session } = subscription
    if (!this.#all.has(session) && this.#all.size >= limits.pushSubscriptions)
      throw new WarrenError('TOO_LARGE', 'too many browsers have notifications: sign some out')
    await this.#store.commit((batch) => batch.put(this.#keyOf(session), row(subscription)))
    this.#all.set(session, subscription)
  }

  /** Without effect if there is none. */
  async remove(session: string): Promise<void> {
    if (!this.#all.delete(session)) return
    await this.#store.commit((batch: Batch) => batch.delete(this.#keyOf(session)))
  }

  #keyOf(session: string): Key {
    return { table: tables.push, at: this.#store.nameNumbers(utf8(session)) }
  }
}
