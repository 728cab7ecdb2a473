/** The log of every conversation and person: the one door in, and what of it a peer or the owner may have. */

import { lanes, type Feed } from '../../protocol/entry.ts'
import { compareHlc, mergeHlc } from '../../protocol/hlc.ts'
import { selfId, type ConversationId, type DeviceId, type EpochId } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { addRange } from '../../protocol/vector.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import { Author, type Self } from './author.ts'
import type { Core } from './core.ts'
import { Delivery } from './delivery.ts'
import { OwnerView } from './owner-view.ts'
import { PeerView, type Appended } from './peer-view.ts'
import { People } from './people.ts'
import { isMessage, orderOf } from './reader.ts'
import { orderRowKey, Recovery } from './recovery.ts'
import { emptyPosition, entryRow, feedName, feedRow, scopeRow, type StoredEntry } from './rows.ts'
import { entryKey, feedRowKey, loggedOf, scopeKey, ScopeTable } from './scope-table.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { Staging } from './staging.ts'
import { Writer } from './writer.ts'

export interface ConversationsDeps {
  readonly store: Store
  readonly self: Self
  readonly bus: Bus
  readonly log: Log
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

export class Conversations {
  readonly #core: Core
  readonly #recovery: Recovery
  /** What peers may have and bring. */
  readonly peers: PeerView
  /** What the owner sees and does. */
  readonly owner: OwnerView
  readonly #appendedListeners = new Set<(appended: Appended) => void>()
  /** Messages whose epoch's key is not here yet, by epoch: announced when it comes. */
  readonly #unannounced = new Map<EpochId, { scope: ScopeState; order: string }[]>()

  /** Use Conversations.open(). */
  constructor(deps: ConversationsDeps, scopes: ScopeTable) {
    const people = new People(deps.self.person, (person) => scopes.get(person)?.operations ?? [])
    this.#core = {
      ...deps,
      scopes,
      people,
      author: new Author(deps.now, deps.random),
      delivery: new Delivery({ ...deps, personOf: (device) => people.personOf(device) }),
      feedState: (batch, scope, feed) => this.#feedState(batch, scope, feed),
      append: (batch, staging, feed, stored) => this.#append(batch, staging, feed, stored),
      commit: async (scope, from, build) => await this.#commit(scope, from, build),
    }
    const writer = new Writer(this.#core)
    this.#recovery = new Recovery(this.#core, writer)
    this.peers = new PeerView(this.#core, this.#recovery, this.#appendedListeners)
    this.owner = new OwnerView(this.#core, writer)
    deps.store.onFailed(() => scopes.rollBack())
  }

  /** Reads what is in memory, checks the tails of own feeds, and makes the own log and Notes to self at first start. */
  static async open(deps: ConversationsDeps, create: Run): Promise<Conversations> {
    const scopes = new ScopeTable(deps.store, deps.random)
    await scopes.load()
    const conversations = new Conversations(deps, scopes)
    conversations.#startClock()
    for (const { record } of scopes.all())
      if (record.kind === 'person') conversations.#core.people.refresh(record.person)
    await conversations.#recovery.checkTails()
    await conversations.peers.learnPerson(deps.self.person, [create])
    await scopes.open(selfId(deps.self.person), 'self', deps.self.person)
    return conversations
  }

  #startClock(): void {
    const { author, self, now } = this.#core
    for (const scope of this.#core.scopes.all()) {
      for (const { feed, durable } of scope.feeds.values()) {
        const isLater = compareHlc(durable.hlc, author.hlc) > 0
        if (feed.device === self.device && isLater) author.hlc = durable.hlc
        else author.hlc = mergeHlc(author.hlc, durable.hlc, now())
      }
    }
  }

  #feedState(batch: Batch, scope: ScopeState, feed: Feed): FeedState {
    const known = scope.feed(feed)
    if (known !== undefined) return known
    return scope.addFeed(this.#core.store.numberFor(batch, feedName(feed)), feed, emptyPosition)
  }

  #append(batch: Batch, staging: Staging, feed: FeedState, stored: StoredEntry): void {
    const { scope } = staging
    const { header, id } = stored.sealed
    batch.put(entryKey(scope, feed.number, header.seq), entryRow(stored))
    const { staged } = feed
    const isNewest = header.seq > staged.seq
    staging.setFeed(feed, {
      ...staged,
      ranges: addRange(staged.ranges, [header.seq, header.seq]),
      ...(isNewest ? { seq: header.seq, head: id, hlc: header.hlc } : {}),
    })
    if (header.lane === lanes.roster) staging.addOperation(loggedOf(stored))
    else if (isMessage(stored)) this.#list(batch, staging, feed, stored)
  }

  /** A message takes its place on screen. */
  #list(batch: Batch, staging: Staging, feed: FeedState, stored: StoredEntry): void {
    const { scope } = staging
    batch.put(orderRowKey(scope, feed.number, stored), new Uint8Array(0))
    const order = orderOf(stored)
    const { epoch, device } = stored.sealed.header
    const record = scope.staged
    const isNews = this.#core.people.personOf(device) !== this.#core.self.person && order > record.readUpTo
    staging.setRecord({
      ...record,
      lastOrder: order > record.lastOrder ? order : record.lastOrder,
      unread: record.unread + (isNews ? 1 : 0),
    })
    staging.messages.push({ order, waitsFor: epoch === undefined || scope.keys.has(epoch) ? undefined : epoch })
  }

  async #commit<T>(
    scope: ScopeState,
    from: DeviceId | undefined,
    build: (batch: Batch, staging: Staging) => T,
  ): Promise<T> {
    const staging = new Staging(scope)
    const result = await this.#core.store.commit((batch) => {
      let built: T
      try {
        built = build(batch, staging)
      } catch (error) {
        // The store leaves this build's writes out; memory must forget them too.
        staging.undo()
        throw error
      }
      for (const feed of staging.feeds()) batch.put(feedRowKey(scope, feed.number), feedRow(feed.feed, feed.staged))
      if (staging.changesRecord) batch.put(scopeKey(scope), scopeRow(scope.staged))
      if (!staging.isEmpty && this.#core.delivery.hasUnsaved) this.#core.delivery.save(batch)
      return built
    })
    staging.settle()
    this.#announce(staging, from)
    return result
  }

  #announce(staging: Staging, from: DeviceId | undefined): void {
    const { scope } = staging
    const { record } = scope
    if (staging.operations > 0 && record.kind === 'person')
      this.#core.people.forget(record.person, this.#core.scopes.all())
    if (staging.runs.length > 0) {
      for (const listener of this.#appendedListeners) listener({ scope: record.scope, runs: staging.runs, from })
    }
    if (record.kind === 'person') return
    for (const { order, waitsFor } of staging.messages) {
      if (waitsFor !== undefined && !scope.keys.has(waitsFor)) this.#unannouncedOf(waitsFor).push({ scope, order })
      else this.#publishMessage(scope, order)
    }
    for (const epoch of staging.keys) this.#announceReadable(epoch)
    if (staging.changesRecord) this.#publishConversation(scope)
  }

  #unannouncedOf(epoch: EpochId): { scope: ScopeState; order: string }[] {
    const waiting = this.#unannounced.get(epoch) ?? []
    this.#unannounced.set(epoch, waiting)
    return waiting
  }

  #announceReadable(epoch: EpochId): void {
    const waiting = this.#unannounced.get(epoch) ?? []
    this.#unannounced.delete(epoch)
    for (const { scope, order } of waiting) this.#publishMessage(scope, order)
  }

  #publishMessage({ record }: ScopeState, order: string): void {
    this.#core.bus.publish({ type: 'message', conversation: record.scope as ConversationId, order })
  }

  #publishConversation({ record }: ScopeState): void {
    this.#core.bus.publish({ type: 'conversation', conversation: record.scope as ConversationId })
  }
}
