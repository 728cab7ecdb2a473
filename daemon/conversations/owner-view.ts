/** The log as the owner meets it: conversations, pages of messages, posting, reading. */

import type { BlobReference } from '../../protocol/blob.ts'
import { lanes } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { directId, selfId, type ConversationId, type DeviceId, type PersonId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { orderKey, readOrderKey } from '../../protocol/order.ts'
import type { ReadPosition } from '../../protocol/register.ts'
import type { HeldTop } from '../../protocol/register-values.ts'
import { utf8 } from '../../protocol/bytes.ts'
import type { Completeness, DeviceHolding } from './completeness.ts'
import type { Core } from './core.ts'
import type { Deletion } from './deletion.ts'
import type { Duplicate } from './duplicate.ts'
import { forksOf, type Fork } from './forks.ts'
import { History } from './history.ts'
import { Marking } from './marking.ts'
import { shownNotice } from './notice-pages.ts'
import type { PageAsked, Reader, Shown } from './reader.ts'
import { receiptsOf, type MessageReceipts } from './receipts.ts'
import type { ScopeRecord } from './rows.ts'
import type { ScopeState } from './scope-state.ts'
import type { IsBlocked } from './unread.ts'
import type { Writer } from './writer.ts'

export interface OwnerViewDeps {
  readonly core: Core
  readonly reader: Reader
  readonly writer: Writer
  readonly deletion: Deletion
  readonly duplicate: Duplicate
  readonly completeness: Completeness
  readonly isBlocked: IsBlocked
  /** Called with each message that was written here and refers to files. */
  readonly filesPosted: (conversation: ConversationId, message: Shown) => void
}

export class OwnerView {
  readonly #duplicate: Duplicate
  readonly #completeness: Completeness
  readonly #core: Core
  readonly #filesPosted: OwnerViewDeps['filesPosted']
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #deletion: Deletion
  readonly #marking: Marking

  constructor({ core, reader, writer, deletion, duplicate, completeness, isBlocked, filesPosted }: OwnerViewDeps) {
    this.#filesPosted = filesPosted
    this.#marking = new Marking(core, isBlocked)
    this.#completeness = completeness
    this.#duplicate = duplicate
    this.#core = core
    this.#reader = reader
    this.#writer = writer
    this.#deletion = deletion
  }

  #state(id: Scope): ScopeState {
    const state = this.#core.scopes.get(id)
    if (state === undefined || state.record.kind === 'person')
      throw new WarrenError('NOT_FOUND', 'no such conversation')
    return state
  }

  /** Those that the owner has not deleted, or that something was said in since. */
  list(): ScopeRecord[] {
    return this.all().filter(({ listed }) => listed)
  }

  all(): ScopeRecord[] {
    return [...this.#core.scopes.all()].map(({ record }) => record).filter(({ kind }) => kind !== 'person')
  }

  /** Whether there is such a conversation. */
  has(id: Scope): boolean {
    const state = this.#core.scopes.get(id)
    return state !== undefined && state.record.kind !== 'person'
  }

  /** How many messages are here. Throws NOT_FOUND. */
  held(id: Scope): number {
    let held = 0
    for (const { feed, durable } of this.#state(id).feeds.values())
      if (feed.lane === lanes.messages) for (const [from, to] of durable.ranges) held += to - from + 1
    return held
  }

  /** Whether a device lacks the newest message that this one wrote, as far as it is known here. */
  lacks(id: Scope, device: DeviceId): boolean {
    const state = this.#core.scopes.get(id)
    if (state === undefined || state.record.kind === 'person') return false
    const { delivery, self } = this.#core
    for (const each of state.feeds.values()) {
      const { lane, device: author } = each.feed
      const { seq } = each.durable
      if (lane === lanes.messages && author === self.device && seq > 0 && !delivery.holdsIt(each, device, seq))
        return true
    }
    return false
  }

  /** How many devices belong. Throws NOT_FOUND. */
  devices(id: Scope): number {
    return this.#core.people.rosterOf(this.#state(id)).devices.size
  }

  /** Throws NOT_FOUND. */
  record(id: Scope): ScopeRecord {
    return this.#state(id).record
  }

  /** The direct conversation with a person, or Notes to self; undefined if there is none yet. */
  idFor(person: PersonId): ConversationId | undefined {
    const id = person === this.#core.self.person ? selfId(person) : directId(this.#core.self.person, person)
    return this.#core.scopes.get(id) === undefined ? undefined : id
  }

  /** Whether it is of a person that this home was before it became another's: it can only be read. */
  isFormer(id: Scope): boolean {
    const state = this.#core.scopes.get(id)
    return state !== undefined && this.#core.people.isFormer(state)
  }

  /** Throws NOT_ALLOWED for what isFormer(). */
  checkCurrent(id: Scope): void {
    if (this.isFormer(id))
      throw new WarrenError('NOT_ALLOWED', 'that is from before this device was linked: it can only be read')
  }

  /** As idFor(), listed again if it was deleted. Throws STORE_…, CLOSING. */
  async openFor(person: PersonId): Promise<ConversationId | undefined> {
    const { scopes, self } = this.#core
    const isSelf = person === self.person
    const id = isSelf ? selfId(person) : directId(self.person, person)
    if (scopes.isUnfinished(id)) await scopes.open(id, isSelf ? 'self' : 'direct', person)
    const state = scopes.get(id)
    if (state !== undefined && !state.record.listed) {
      await this.#core.commit(state, undefined, (_, staging) => {
        staging.setRecord({ ...state.staged, listed: true })
      })
    }
    return state === undefined ? undefined : id
  }

  /**
   * Deletes a conversation here and only here, for good; a later message opens it again, empty. Resolves when nothing of it is left
   * on the disk. Throws NOT_FOUND, NOT_ALLOWED for a group to which the owner belongs, STORE_…, CLOSING.
   */
  async delete(id: Scope): Promise<void> {
    const state = this.#state(id)
    // Others count on who belongs, and would give it all back.
    const { members } = this.#core.people.rosterOf(state)
    if (state.record.kind === 'group' && members.has(this.#core.self.person))
      throw new WarrenError('NOT_ALLOWED', 'leave the group first')
    await this.#deletion.delete(state)
  }

  /** Who holds what, as far as it was heard, and how many messages wait for their key. Throws NOT_FOUND. */
  async holdings(id: Scope): Promise<{ devices: DeviceHolding[]; unreadable: number }> {
    const state = this.#state(id)
    let unreadable = 0
    for (const epoch of this.#reader.missingKeys(state))
      unreadable += (await this.#reader.sealedUnder(state, epoch)).length
    return { devices: this.#completeness.of(state), unreadable }
  }

  /** Who has one own message. Throws as receiptsOf(), NOT_FOUND. */
  async receipts(id: Scope, message: string): Promise<MessageReceipts> {
    return await receiptsOf(this.#core, this.#state(id), message)
  }

  /** Proven forks, if any. Throws NOT_FOUND. */
  forks(id: Scope): Fork[] {
    return forksOf(this.#core, this.#state(id))
  }

  /** All of it as it stands at this moment, with what proves it. Throws NOT_FOUND. */
  history(id: Scope): History {
    return new History(this.#core, this.#state(id))
  }

  /** The newest message, if there is one. */
  last(id: Scope): Shown | undefined {
    const { lastOrder } = this.#state(id).record
    return lastOrder === '' ? undefined : this.message(id, lastOrder)
  }

  /** Throws NOT_FOUND, BAD_SHAPE. */
  async page(id: Scope, asked: PageAsked): Promise<{ items: Shown[]; older: boolean; newer: boolean }> {
    const state = this.#state(id)
    try {
      return await this.#reader.page(state, asked)
    } catch (error) {
      // It was deleted while it was read.
      throw state.isGone ? new WarrenError('NOT_FOUND', 'no such conversation', { cause: error }) : error
    }
  }

  /** The message at an order key. Throws NOT_FOUND, BAD_SHAPE. */
  message(id: Scope, order: string): Shown | undefined {
    const state = this.#state(id)
    const notice = state.record.kind === 'group' ? this.#core.people.groupOf(state).notices.get(order) : undefined
    if (notice !== undefined) return shownNotice(notice, this.#core.self.person)
    const found = this.#core.scopes.entryAt(state, order)
    return found === undefined ? undefined : this.#reader.show(state, found.feed, found.stored)
  }

  /** Another copy of this device runs: nothing can be posted. */
  get isDuplicate(): boolean {
    return this.#duplicate.isSeen
  }

  /** Posts a text, files or both, durable when it resolves. Throws NOT_FOUND, DUPLICATE_DEVICE, BAD_SHAPE, TOO_LARGE, RATE_LIMITED, NOT_ALLOWED, STORE_…. */
  async post(
    id: Scope,
    text: string,
    clientId: string,
    files: readonly BlobReference[] = [],
  ): Promise<{ message: Shown; created: boolean }> {
    const state = this.#state(id)
    this.#duplicate.check()
    const { feed, seq, written } = await this.#writer.post(state, text, clientId, files)
    if (written !== undefined) {
      const message = this.#reader.show(state, feed, written.stored, written.content)
      if (files.length > 0) this.#filesPosted(state.record.scope as ConversationId, message)
      return { message, created: true }
    }
    const stored = this.#core.scopes.entry(state, feed, seq)
    if (stored === undefined) throw new WarrenError('STORE_DAMAGED', 'a message that was stored is not there')
    const message = this.#reader.show(state, feed, stored)
    // The index is not sealed: what it says holds only if the message says so too.
    if (message.clientId !== clientId) throw new WarrenError('STORE_DAMAGED', 'a client id leads to another message')
    return { message, created: false }
  }

  /**
   * Everything up to `order` has been seen, so far as it is here. Resolves with the place up to which the owner has read, once
   * that is durable; undefined if it stays what it was. Throws NOT_FOUND, BAD_SHAPE.
   */
  async markRead(id: Scope, order: string): Promise<ReadPosition | undefined> {
    const state = this.#state(id)
    readOrderKey(order)
    return await this.#marking.mark(state, order)
  }

  /** Throws NOT_FOUND, TOO_LARGE. */
  async patch(id: Scope, patch: { draft?: string | undefined; mutedUntil?: number | undefined }): Promise<void> {
    const state = this.#state(id)
    // A page that has not heard yet must not put the draft back.
    if (patch.draft !== undefined && !state.record.listed) throw new WarrenError('NOT_FOUND', 'no such conversation')
    if (utf8(patch.draft ?? '').length > limits.textBytes)
      throw new WarrenError('TOO_LARGE', 'a draft has at most 64 KiB of text')
    await this.#core.commit(state, undefined, (_, staging) => {
      const { draft, mutedUntil } = state.staged
      staging.setRecord({ ...state.staged, draft: patch.draft ?? draft, mutedUntil: patch.mutedUntil ?? mutedUntil })
    })
  }

  /** A device said, in a register, up to where it holds feeds of messages. */
  deviceHolds(id: Scope, device: DeviceId, tops: readonly HeldTop[]): void {
    const state = this.#core.scopes.get(id)
    const feeds = tops.map(({ seq, ...name }) => ({ ...name, lane: lanes.messages, ranges: [[1, seq] as const] }))
    if (state !== undefined) this.#core.delivery.peerHolds(state, device, feeds)
  }

  /** Another person has read up to here, as one of their devices said at `at`, epoch milliseconds. */
  personRead(id: Scope, person: PersonId, position: ReadPosition, at: number): void {
    const state = this.#core.scopes.get(id)
    if (state !== undefined) this.#core.delivery.personRead(state, person, orderKey(position), at)
  }
}
