/** Who holds and who has read the own messages: what ticks are made of. */

import type { FeedRanges } from '../../protocol/frames.ts'
import type { ConversationId, DeviceId, PersonId } from '../../protocol/ids.ts'
import type { MessageState } from '../../protocol/http-conversations.ts'
import { limits } from '../../protocol/limits.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Self } from './author.ts'
import { readEntryRow } from './rows.ts'
import { entryKey, holderKey, holderRow } from './scope-table.ts'
import { holds, orderIn, type FeedState, type ScopeState } from './scope-state.ts'
import { wholeRow } from './whole-row.ts'

export interface DeliveryDeps {
  readonly bus: Bus
  readonly self: Self
  readonly store: Store
  readonly timers: Timers
  readonly log: Log
  readonly personOf: (device: DeviceId) => PersonId | undefined
}

/** Holders are written along with the next batch, and at the latest after this. */
const saveAfterMs = 500

/** The last number up to which nothing is lacking. */
const upTo = (ranges: readonly Range[]): number => (ranges[0]?.[0] === 1 ? ranges[0][1] : 0)

interface ReadMark {
  /** The order key up to which somebody else has read. */
  order: string
  /** Per own feed: the last number whose order key is not behind it, and up to which number that was looked for. */
  readonly seqs: Map<FeedState, { readonly seq: number; readonly searched: number }>
}

export class Delivery {
  readonly #deps: DeliveryDeps
  readonly #marks = new Map<ScopeState, ReadMark>()
  /** Holders changed since they were last written. */
  readonly #unsaved = new Map<FeedState, { readonly scope: ScopeState; readonly devices: Set<DeviceId> }>()
  #callOffSave: (() => void) | undefined

  constructor(deps: DeliveryDeps) {
    this.#deps = deps
  }

  /** Takes what a device says it holds of own feeds. */
  peerHolds(scope: ScopeState, device: DeviceId, feeds: readonly FeedRanges[]): void {
    const { self } = this.#deps
    if (device === self.device) return
    for (const { ranges, ...name } of feeds) {
      if (name.device !== self.device || name.lane !== 1) continue
      const feed = scope.feed({ scope: scope.record.scope, ...name })
      if (feed !== undefined && this.#merge(scope, feed, device, ranges)) this.#publish(scope, feed)
    }
  }

  #merge(scope: ScopeState, feed: FeedState, device: DeviceId, ranges: readonly Range[]): boolean {
    if (scope.isGone) return false
    const before = feed.holders.get(device) ?? []
    let after = before
    for (const [low, high] of ranges) {
      // What does not exist cannot be held: a peer that claims more is not believed.
      const top = Math.min(high, feed.durable.seq)
      if (low <= top && !before.some(([from, to]) => from <= low && top <= to)) after = addRange(after, [low, top])
      // No more than would be stored: a peer that claims every second entry costs no more than others.
      if (after.length > limits.rowRanges) after = after.slice(0, limits.rowRanges)
    }
    if (after === before) return false
    feed.holders.set(device, after)
    const unsaved = this.#unsaved.get(feed) ?? { scope, devices: new Set() }
    unsaved.devices.add(device)
    this.#unsaved.set(feed, unsaved)
    this.#callOffSave ??= this.#deps.timers.after(saveAfterMs, () => {
      this.#callOffSave = undefined
      void this.#saveAlone()
    })
    return true
  }

  /** Another person has read up to an order key. */
  personRead(scope: ScopeState, order: string): void {
    const mark = this.#marks.get(scope)
    if (order <= (mark?.order ?? '')) return
    this.#marks.set(scope, { order, seqs: new Map() })
    for (const feed of scope.feedsOf(this.#deps.self.device, 1)) this.#publish(scope, feed)
  }

  /** The state of one own message. */
  stateOf(scope: ScopeState, feed: FeedState, seq: number, order: string): MessageState {
    let state: MessageState = 'stored'
    for (const [device, ranges] of feed.holders) {
      if (!holds(ranges, seq)) continue
      if (this.#deps.personOf(device) !== this.#deps.self.person)
        // A mark may stand behind a message that had not come yet: read is only what was there.
        return order <= (this.#marks.get(scope)?.order ?? '') ? 'read' : 'delivered'
      state = 'held'
    }
    return state
  }

  #publish(scope: ScopeState, feed: FeedState): void {
    let held = 0
    let delivered = 0
    for (const [device, ranges] of feed.holders) {
      const seq = upTo(ranges)
      held = Math.max(held, seq)
      if (this.#deps.personOf(device) !== this.#deps.self.person) delivered = Math.max(delivered, seq)
    }
    this.#deps.bus.publish({
      type: 'ticks',
      conversation: scope.record.scope as ConversationId,
      feed: feed.text,
      held,
      delivered,
      read: Math.min(delivered, this.#readSeq(scope, feed)),
    })
  }

  /** The last own message that someone else has read. What was searched once is not searched again. */
  #readSeq(scope: ScopeState, feed: FeedState): number {
    const mark = this.#marks.get(scope)
    if (mark === undefined) return 0
    const known = mark.seqs.get(feed)
    const top = feed.durable.seq
    // Order keys grow within a feed: where one lies behind the mark, all later ones do.
    if (known !== undefined && (known.seq < known.searched || known.searched === top)) return known.seq
    const seq = this.#search(scope, feed, mark.order, known?.seq ?? 0)
    mark.seqs.set(feed, { seq, searched: top })
    return seq
  }

  #search(scope: ScopeState, feed: FeedState, order: string, from: number): number {
    let low = from
    let high = feed.durable.seq
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const row = wholeRow(this.#deps.store, entryKey(scope, feed.number, middle))
      if (row !== undefined && orderIn(feed, readEntryRow(row).sealed.header) <= order) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Writes along what peers were heard to hold. */
  save(batch: Batch): void {
    for (const [feed, { scope, devices }] of this.#unsaved) {
      for (const device of devices) {
        const number = this.#deps.store.numberFor(batch, device)
        const ranges = (feed.holders.get(device) ?? []).slice(0, limits.rowRanges)
        batch.put(holderKey(scope, feed.number, number), holderRow(ranges))
      }
    }
    this.#unsaved.clear()
    this.#callOffSave?.()
    this.#callOffSave = undefined
  }

  async #saveAlone(): Promise<void> {
    const unsaved = [...this.#unsaved]
    if (unsaved.length === 0) return
    try {
      await this.#deps.store.commit((batch) => this.save(batch))
    } catch {
      // Links tell it again.
      this.#deps.log('warn', 'who holds what could not be stored')
    }
  }

  /** The scope is being deleted: nothing of it is written any more. */
  forget(scope: ScopeState): void {
    this.#marks.delete(scope)
    for (const [feed, unsaved] of this.#unsaved) if (unsaved.scope === scope) this.#unsaved.delete(feed)
  }

  /** Writes what was not written yet. */
  async close(): Promise<void> {
    this.#callOffSave?.()
    this.#callOffSave = undefined
    await this.#saveAlone()
  }
}
