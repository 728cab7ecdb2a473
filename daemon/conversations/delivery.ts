/** Who holds and who has read the own messages: what ticks are made of. */

import type { FeedRanges } from '../../protocol/frames.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { MessageState } from '../../protocol/http.ts'
import { feedText } from '../../protocol/order.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import type { Bus } from '../bus.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Self } from './author.ts'
import { holderKey, holderRow } from './scope-table.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'

export interface DeliveryDeps {
  readonly bus: Bus
  readonly self: Self
  readonly store: Store
  readonly personOf: (device: DeviceId) => PersonId | undefined
}

/** The last number up to which nothing is lacking. */
const upTo = (ranges: readonly Range[]): number => (ranges[0]?.[0] === 1 ? ranges[0][1] : 0)

export class Delivery {
  readonly #deps: DeliveryDeps
  /** Per own feed: the order key up to which another person has read. */
  readonly #reads = new Map<ScopeState, Map<PersonId, string>>()
  /** Holders changed since they were last written; written along with the next batch, since links tell them again. */
  readonly #unsaved = new Map<FeedState, { scope: ScopeState; devices: Set<DeviceId> }>()

  constructor(deps: DeliveryDeps) {
    this.#deps = deps
  }

  /** Takes what a device says it holds of own feeds. */
  peerHolds(scope: ScopeState, device: DeviceId, feeds: readonly FeedRanges[]): void {
    if (device === this.#deps.self.device) return
    for (const { ranges, ...name } of feeds) {
      if (name.device !== this.#deps.self.device || name.lane !== 1) continue
      const feed = scope.feed({ scope: scope.record.scope, ...name })
      if (feed !== undefined) this.#merge(scope, feed, device, ranges)
    }
  }

  #merge(scope: ScopeState, feed: FeedState, device: DeviceId, ranges: readonly Range[]): void {
    const before = feed.holders.get(device) ?? []
    // What does not exist cannot be held: a peer that claims more is not believed.
    const real = ranges.flatMap(([low, high]): Range[] =>
      low > feed.durable.seq ? [] : [[low, Math.min(high, feed.durable.seq)]],
    )
    let after = before
    for (const range of real) after = addRange(after, range)
    if (
      after.length === before.length &&
      after.every((range, at) => range[0] === before[at]?.[0] && range[1] === before[at][1])
    )
      return
    feed.holders.set(device, after)
    const unsaved = this.#unsaved.get(feed) ?? { scope, devices: new Set() }
    unsaved.devices.add(device)
    this.#unsaved.set(feed, unsaved)
    this.#publish(scope, feed)
  }

  /** Another person has read up to an order key; false if that is not news. */
  personRead(scope: ScopeState, person: PersonId, order: string): void {
    const reads = this.#reads.get(scope) ?? new Map<PersonId, string>()
    this.#reads.set(scope, reads)
    if (order <= (reads.get(person) ?? '')) return
    reads.set(person, order)
    for (const feed of scope.feedsOf(this.#deps.self.device, 1)) this.#publish(scope, feed)
  }

  /** The order key up to which someone else has read. */
  readUpTo(scope: ScopeState): string {
    return [...(this.#reads.get(scope)?.values() ?? [])].reduce((most, each) => (each > most ? each : most), '')
  }

  /** The state of one own message. */
  stateOf(scope: ScopeState, feed: FeedState, seq: number, order: string): MessageState {
    if (order <= this.readUpTo(scope)) return 'read'
    let state: MessageState = 'stored'
    for (const [device, ranges] of feed.holders) {
      if (!holds(ranges, seq)) continue
      if (this.#deps.personOf(device) !== this.#deps.self.person) return 'delivered'
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
      conversation: scope.record.scope as never,
      feed: feedText(feed.feed),
      held,
      delivered,
      read: this.readSeq(scope, feed),
    })
  }

  /** The last own message that someone else has read: the newest whose order key is not behind theirs. */
  readSeq(scope: ScopeState, feed: FeedState): number {
    const order = this.readUpTo(scope)
    return order === '' ? 0 : this.#search(scope, feed, order)
  }

  /** Set by the reader, which can look up an entry's order key. */
  orderOf: (scope: ScopeState, feed: FeedState, seq: number) => string | undefined = () => undefined

  /** Binary search over the feed: its order keys grow with seq. */
  #search(scope: ScopeState, feed: FeedState, order: string): number {
    let low = 0
    let high = feed.durable.seq
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const at = this.orderOf(scope, feed, middle)
      if (at !== undefined && at <= order) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Writes along what peers were heard to hold. */
  save(batch: Batch): void {
    for (const [feed, { scope, devices }] of this.#unsaved) {
      for (const device of devices) {
        const number = this.#deps.store.numberFor(batch, device)
        batch.put(holderKey(scope, feed.number, number), holderRow((feed.holders.get(device) ?? []).slice(0, 64)))
      }
    }
    this.#unsaved.clear()
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0
  }
}
