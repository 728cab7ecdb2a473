/** The log as the owner meets it: conversations, pages of messages, posting, reading. */

import { WarrenError } from '../../protocol/errors.ts'
import { directId, selfId, type ConversationId, type PersonId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { orderKey, readOrderKey } from '../../protocol/order.ts'
import type { ReadPosition } from '../../protocol/register.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { tables, type Row } from '../store/store.ts'
import type { Core } from './core.ts'
import { Reader, type PageAsked, type Shown } from './reader.ts'
import type { ScopeRecord } from './rows.ts'
import type { ScopeState } from './scope-state.ts'
import type { Writer } from './writer.ts'

export class OwnerView {
  readonly #core: Core
  readonly #reader: Reader
  readonly #writer: Writer

  constructor(core: Core, writer: Writer) {
    this.#core = core
    this.#reader = new Reader(core)
    this.#writer = writer
  }

  #state(id: Scope): ScopeState {
    const state = this.#core.scopes.get(id)
    if (state === undefined || state.record.kind === 'person')
      throw new WarrenError('NOT_FOUND', 'no such conversation')
    return state
  }

  list(): ScopeRecord[] {
    return [...this.#core.scopes.all()].map(({ record }) => record).filter(({ kind }) => kind !== 'person')
  }

  record(id: Scope): ScopeRecord {
    return this.#state(id).record
  }

  /** The direct conversation with a person, or Notes to self; undefined if there is none yet. */
  idFor(person: PersonId): ConversationId | undefined {
    const id = person === this.#core.self.person ? selfId(person) : directId(this.#core.self.person, person)
    return this.#core.scopes.get(id) === undefined ? undefined : id
  }

  /** The newest message, if there is one. */
  last(id: Scope): Shown | undefined {
    const { lastOrder } = this.#state(id).record
    return lastOrder === '' ? undefined : this.message(id, lastOrder)
  }

  /** Throws NOT_FOUND, BAD_SHAPE. */
  async page(id: Scope, asked: PageAsked): Promise<{ items: Shown[]; older: boolean; newer: boolean }> {
    return await this.#reader.page(this.#state(id), asked)
  }

  /** The message at an order key. */
  message(id: Scope, order: string): Shown | undefined {
    const state = this.#state(id)
    const { device, generation, seq } = readOrderKey(order)
    const feed = state.feed({ scope: id, device, lane: 1, generation })
    const stored = feed === undefined ? undefined : this.#reader.entry(state, feed, seq)
    return feed === undefined || stored === undefined ? undefined : this.#reader.show(state, feed, stored)
  }

  /** Posts a text, durable when it resolves. */
  async post(id: Scope, text: string, clientId: string): Promise<{ message: Shown; created: boolean }> {
    const state = this.#state(id)
    const { feed, seq, created } = await this.#writer.post(state, text, clientId)
    const stored = this.#reader.entry(state, feed, seq)
    if (stored === undefined) throw new WarrenError('STORE_DAMAGED', 'a message that was stored is not there')
    return { message: this.#reader.show(state, feed, stored), created }
  }

  /** Everything up to `order` has been seen; returns the new place, or undefined if it was known. Throws BAD_SHAPE. */
  async markRead(id: Scope, order: string): Promise<ReadPosition | undefined> {
    const state = this.#state(id)
    const asked = readOrderKey(order)
    // Not behind the newest message: a mark in the future would hide what is still to come.
    const upTo = order > state.record.lastOrder ? state.record.lastOrder : order
    if (upTo === '' || upTo <= state.record.readUpTo) return undefined
    const before = state.record.unread
    const unread = await this.#unreadAfter(state, upTo)
    await this.#core.commit(state, undefined, (_, staging) => {
      // What came in while we counted is not among the counted.
      staging.setRecord({ ...state.staged, readUpTo: upTo, unread: unread + Math.max(0, state.staged.unread - before) })
    })
    return upTo === order ? asked : readOrderKey(upTo)
  }

  /** Counts messages of others behind an order key: as many steps as there are unread ones. */
  async #unreadAfter(state: ScopeState, order: string): Promise<number> {
    const { hlc } = readOrderKey(order)
    const numbers = new Map([...state.feeds.values()].map((feed) => [feed.number, feed.feed]))
    const rows = await this.#core.store.range(tables.order, {
      prefix: [state.number],
      under: state.number,
      after: [hlc.wallMs, hlc.count],
    })
    return rows.filter((row) => {
      const feed = numbers.get(row.at[3] ?? -1)
      if (feed === undefined || this.#core.people.personOf(feed.device) === this.#core.self.person) return false
      return keyOf(row, feed.device, feed.generation) > order
    }).length
  }

  /** Throws TOO_LARGE. */
  async patch(id: Scope, patch: { draft?: string | undefined; muted?: boolean | undefined }): Promise<void> {
    const state = this.#state(id)
    if (utf8(patch.draft ?? '').length > limits.textBytes)
      throw new WarrenError('TOO_LARGE', 'a draft has at most 64 KiB of text')
    await this.#core.commit(state, undefined, (_, staging) => {
      const { draft, muted } = state.staged
      staging.setRecord({ ...state.staged, draft: patch.draft ?? draft, muted: patch.muted ?? muted })
    })
  }

  /** Another person has read up to here. */
  personRead(id: Scope, person: PersonId, position: ReadPosition): void {
    const state = this.#core.scopes.get(id)
    if (state !== undefined) this.#core.delivery.personRead(state, person, orderKey(position))
  }
}

const keyOf = (row: Row, device: ReadPosition['device'], generation: ReadPosition['generation']): string =>
  orderKey({ hlc: { wallMs: row.at[1] ?? 0, count: row.at[2] ?? 0 }, device, generation, seq: row.at[4] ?? 0 })
