/** Who holds what of a conversation, as far as it was heard on links since this start. */

import { feedKey, lanes } from '../../protocol/entry.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { addRange, subtractRanges, type Range } from '../../protocol/vector.ts'
import type { Core } from './core.ts'
import { clip } from './serve.ts'
import type { ScopeState } from './scope-state.ts'

interface HeardFeed {
  readonly name: FeedRanges
  ranges: readonly Range[]
}

interface Heard {
  at: number
  /** By feedKey(); messages alone. */
  readonly feeds: Map<string, HeardFeed>
  /** Of these nothing is here yet. A peer may make them up, so they are few. */
  readonly strange: Map<string, HeardFeed>
}

export interface DeviceHolding {
  readonly device: DeviceId
  readonly person: PersonId
  /** Epoch ms; 0 if never. */
  readonly heardAt: number
  /** Entries that it holds and this device lacks, and the other way round. */
  readonly lacking: number
  readonly ahead: number
}

/** Devices of one conversation that are kept in mind; gaps of one feed. */
const mostDevices = 256
const mostRanges = 64
/** Feeds of which nothing is here, as one device names them. */
export const mostStrangeFeeds = 256

const sizeOf = (ranges: readonly Range[]): number => ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)

export class Completeness {
  readonly #core: Pick<Core, 'people' | 'ends' | 'store' | 'self' | 'now'>
  readonly #heard = new WeakMap<ScopeState, Map<DeviceId, Heard>>()

  constructor(core: Pick<Core, 'people' | 'ends' | 'store' | 'self' | 'now'>) {
    this.#core = core
  }

  /** A device says what it holds, durably. */
  heard(scope: ScopeState, device: DeviceId, feeds: readonly FeedRanges[]): void {
    const devices = this.#heard.get(scope) ?? new Map<DeviceId, Heard>()
    this.#heard.set(scope, devices)
    const known: Heard = devices.get(device) ?? { at: 0, feeds: new Map(), strange: new Map() }
    devices.delete(device)
    devices.set(device, known)
    known.at = this.#core.now()
    for (const name of feeds) {
      if (name.lane !== lanes.messages) continue
      const before = this.#feedIn(scope, known, name)
      if (before === undefined) continue
      for (const range of name.ranges) before.ranges = addRange(before.ranges, range)
      // Rather too little than memory without bound: what is forgotten counts as not held there.
      if (before.ranges.length > mostRanges) before.ranges = before.ranges.slice(-mostRanges)
    }
    const [oldest] = devices.keys()
    if (devices.size > mostDevices && oldest !== undefined) devices.delete(oldest)
  }

  /** What is remembered of a feed; undefined if it is one too many, or of a device that nobody here knows. */
  #feedIn(scope: ScopeState, { feeds, strange }: Heard, name: FeedRanges): HeardFeed | undefined {
    const feed = { scope: scope.record.scope, ...name }
    const key = feedKey(feed)
    const known = feeds.get(key) ?? strange.get(key)
    const isHere = scope.feed(feed) !== undefined
    if (!isHere && known === undefined) {
      const isNobodys = this.#core.people.personOf(name.device) === undefined
      if (isNobodys || strange.size >= mostStrangeFeeds) return undefined
    }
    const kept: HeardFeed = known ?? { name, ranges: [] }
    if (isHere) strange.delete(key)
    ;(isHere ? feeds : strange).set(key, kept)
    return kept
  }

  /** Every other device that belongs, those first of which most is lacking here. */
  of(scope: ScopeState): DeviceHolding[] {
    const { people, self } = this.#core
    const held = this.#held(scope)
    const all = [...people.rosterOf(scope).devices].flatMap((device): DeviceHolding[] => {
      const person = people.personOf(device)
      if (device === self.device || person === undefined) return []
      const heard = this.#heard.get(scope)?.get(device)
      if (heard === undefined) return [{ device, person, heardAt: 0, lacking: 0, ahead: 0 }]
      const feeds = [...heard.feeds.values(), ...heard.strange.values()]
      const lacking = feeds.map(({ name, ranges }) => sizeOf(this.#lackingOf(scope, name, ranges)))
      const ahead = [...held].map(([key, ranges]) =>
        sizeOf(subtractRanges(ranges, (heard.feeds.get(key) ?? heard.strange.get(key))?.ranges ?? [])),
      )
      return [{ device, person, heardAt: heard.at, lacking: total(lacking), ahead: total(ahead) }]
    })
    return all.toSorted((a, b) => b.lacking - a.lacking || (a.device < b.device ? -1 : 1))
  }

  /** What is here and counts, by feed. */
  #held(scope: ScopeState): Map<string, readonly Range[]> {
    const { ends, store } = this.#core
    const feeds = [...scope.feeds.values()].filter(({ feed }) => feed.lane === lanes.messages)
    return new Map(
      feeds.map((state) => [feedKey(state.feed), clip(state.durable.ranges, ends.counting(store, scope, state))]),
    )
  }

  #lackingOf(scope: ScopeState, name: FeedRanges, ranges: readonly Range[]): readonly Range[] {
    const { people, ends, store } = this.#core
    const feed = scope.feed({ scope: scope.record.scope, ...name })
    const floor = scope.floorOf({ scope: scope.record.scope, ...name })
    if (floor?.frozen === true || feed?.durable.frozen === true) return []
    const above = floor === undefined ? ranges : subtractRanges(ranges, [[1, floor.seq]])
    if (feed === undefined) {
      const isShut = scope.record.kind === 'group' && people.groupOf(scope).endOf(name) === 'none'
      return isShut ? [] : above
    }
    return subtractRanges(clip(above, ends.wanted(store, scope, feed)), feed.durable.ranges)
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)
