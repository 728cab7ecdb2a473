/** Who holds and who has read the own messages: what ticks are made of. */

import { lanes, type Header } from '../../protocol/entry.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import type { ConversationId, DeviceId, EpochId, PersonId } from '../../protocol/ids.ts'
import type { MessageState } from '../../protocol/http-conversations.ts'
import { limits } from '../../protocol/limits.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Self } from './author.ts'
import type { People } from './people.ts'
import { Circles, Reach, upTo, type Circle } from './reach.ts'
import { ReadMarks } from './read-marks.ts'
import { holderRow } from './rows.ts'
import { holderKey } from './scope-keys.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'

export interface DeliveryDeps {
  readonly bus: Bus
  readonly self: Self
  readonly store: Store
  readonly timers: Timers
  readonly log: Log
  readonly people: People
}

/** Holders are written along with the next batch, and at the latest after this. */
const saveAfterMs = 500

/** Who has one own message, of those whom it was meant for. */
export interface Counts {
  readonly state: MessageState
  /** Devices that say they hold it, of so many; own others count, too. */
  readonly held: number
  readonly devices: number
  /** Other persons who have it on some device, and who have read it, of so many. */
  readonly delivered: number
  readonly read: number
  readonly persons: number
}

/** What is known of one person and one message. */
export interface Standing {
  readonly delivered: boolean
  /** When they said that they have read it or something behind it, epoch milliseconds by their clock; 0 if they did not. */
  readonly readBy: number
}

type Place = Pick<Header, 'seq' | 'epoch'> & { readonly order: string }

export class Delivery {
  readonly #deps: DeliveryDeps
  readonly #marks: ReadMarks
  readonly #circles: Circles
  readonly #reaches = new WeakMap<FeedState, Reach>()
  readonly #ownFeeds = new WeakMap<ScopeState, { readonly of: number; readonly feeds: readonly FeedState[] }>()
  /** Holders changed since they were last written. */
  readonly #unsaved = new Map<FeedState, { readonly scope: ScopeState; readonly devices: Set<DeviceId> }>()
  #callOffSave: (() => void) | undefined

  constructor(deps: DeliveryDeps) {
    this.#deps = deps
    this.#marks = new ReadMarks(deps.store)
    this.#circles = new Circles(deps.people, deps.self)
  }

  /** Takes what a device says it holds of feeds of the owner's. */
  peerHolds(scope: ScopeState, device: DeviceId, feeds: readonly FeedRanges[]): void {
    if (device === this.#deps.self.device) return
    for (const { ranges, ...name } of feeds) {
      // What the device wrote itself says nothing.
      if (name.lane !== lanes.messages || name.device === device || !this.#isOwn(name.device)) continue
      const feed = scope.feed({ scope: scope.record.scope, ...name })
      if (feed === undefined || !this.#merge(scope, feed, device, ranges)) continue
      const reach = this.#reachOf(scope, feed)
      const person = reach.raise(device, upTo(feed.holders.get(device)))
      if (person !== undefined) reach.raiseRead(person, this.#marks.seqIn(scope, feed, person))
      this.#publish(scope, feed, reach)
    }
  }

  #isOwn(device: DeviceId): boolean {
    const { self, people } = this.#deps
    return device === self.device || people.saidBy(device) === self.person
  }

  /** As it stands; worked out anew when somebody comes or goes. */
  #reachOf(scope: ScopeState, feed: FeedState): Reach {
    const circle = this.#circles.of(scope)
    let reach = this.#reaches.get(feed)
    if (reach?.circle !== circle) {
      reach = new Reach(circle, feed, (person) => this.#marks.seqIn(scope, feed, person))
      this.#reaches.set(feed, reach)
    }
    return reach
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

  /** Another person has read up to an order key, as one of their devices said at `at`. */
  personRead(scope: ScopeState, person: PersonId, order: string, at: number): void {
    if (!this.#marks.raise(scope, person, order, at)) return
    for (const feed of this.#feedsOf(scope)) {
      const reach = this.#reachOf(scope, feed)
      if (reach.raiseRead(person, this.#marks.seqIn(scope, feed, person))) this.#publish(scope, feed, reach)
    }
  }

  /** The message feeds of all the owner's devices. */
  #feedsOf(scope: ScopeState): readonly FeedState[] {
    const known = this.#ownFeeds.get(scope)
    if (known?.of === scope.feeds.size) return known.feeds
    const feeds = [...scope.feeds.values()].filter(
      ({ feed }) => feed.lane === lanes.messages && this.#isOwn(feed.device),
    )
    this.#ownFeeds.set(scope, { of: scope.feeds.size, feeds })
    return feeds
  }

  /** Who has one own message. In a large circle by watermarks: what a device holds beyond a gap does not count there. */
  countsOf(scope: ScopeState, feed: FeedState, { seq, epoch, order }: Place): Counts {
    const circle = this.#circles.meantFor(scope, epoch)
    const here = this.#hereOf(circle, feed)
    const of = { devices: circle.devices.size + here.more, persons: circle.persons.size }
    const isLarge = of.devices > limits.heldDevices && circle === this.#circles.of(scope)
    const seen = isLarge
      ? markedIn(this.#reachOf(scope, feed), seq)
      : this.#seenIn(circle, scope, feed, { seq, epoch, order })
    const { delivered, read } = seen
    const held = seen.held + here.held
    return { state: stateOf({ held, delivered, read, persons: of.persons }), held, delivered, read, ...of }
  }

  /** What another device of the owner's wrote is held by this one: it takes the place of the author's among those who may. */
  #hereOf({ devices }: Circle, { feed: { device } }: FeedState): { readonly held: number; readonly more: number } {
    if (device === this.#deps.self.device) return { held: 0, more: 0 }
    return { held: 1, more: devices.has(device) ? 0 : 1 }
  }

  #seenIn(
    circle: Circle,
    scope: ScopeState,
    feed: FeedState,
    place: Place,
  ): Pick<Counts, 'held' | 'delivered' | 'read'> {
    let [held, delivered, read] = [0, 0, 0]
    if (feed.holders.size === 0) return { held, delivered, read }
    for (const device of circle.devices) if (this.holdsIt(feed, device, place.seq)) held += 1
    for (const person of circle.persons.keys()) {
      const standing = this.standingOf(scope, feed, person, place)
      if (standing.delivered) delivered += 1
      if (standing.readBy > 0) read += 1
    }
    return { held, delivered, read }
  }

  /** Those whom a message under this epoch was meant for. */
  circleOf(scope: ScopeState, epoch: EpochId | undefined): Circle {
    return this.#circles.meantFor(scope, epoch)
  }

  holdsIt(feed: FeedState, device: DeviceId, seq: number): boolean {
    return holds(feed.holders.get(device) ?? [], seq)
  }

  /** A mark may stand behind a message that had not come yet: read is only what was there. */
  standingOf(scope: ScopeState, feed: FeedState, person: PersonId, { seq, order }: Place): Standing {
    const devices = this.#circles.of(scope).persons.get(person) ?? []
    const delivered = devices.some((device) => this.holdsIt(feed, device, seq))
    return { delivered, readBy: delivered ? this.#marks.readAt(scope, person, order) : 0 }
  }

  #publish(scope: ScopeState, feed: FeedState, { held, delivered, read }: Reach): void {
    this.#deps.bus.publish({
      type: 'ticks',
      conversation: scope.record.scope as ConversationId,
      feed: feed.text,
      held: held.highest,
      delivered: delivered.lowest,
      read: read.lowest,
    })
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
    this.#marks.forget(scope)
    for (const [feed, unsaved] of this.#unsaved) if (unsaved.scope === scope) this.#unsaved.delete(feed)
  }

  /** Writes what was not written yet. */
  async close(): Promise<void> {
    this.#callOffSave?.()
    this.#callOffSave = undefined
    await this.#saveAlone()
  }
}

const markedIn = ({ held, delivered, read }: Reach, seq: number): Pick<Counts, 'held' | 'delivered' | 'read'> => ({
  held: held.atLeast(seq),
  delivered: delivered.atLeast(seq),
  read: read.atLeast(seq),
})

/** Delivered, and read, is what everybody has whom it was meant for. */
function stateOf({ held, delivered, read, persons }: Omit<Counts, 'state' | 'devices'>): MessageState {
  if (persons > 0 && read === persons) return 'read'
  if (persons > 0 && delivered === persons) return 'delivered'
  return held > 0 ? 'held' : 'stored'
}
