/** What is in memory of one scope: its feeds, operations, keys and counters. */

import { feedKey, lanes, type Feed, type Header, type Lane, type SealedHeader } from '../../protocol/entry.ts'
import { hlcText, zeroHlc } from '../../protocol/hlc.ts'
import type { DeviceId, EntryId, EpochId, Generation } from '../../protocol/ids.ts'
import { feedText, orderKey } from '../../protocol/order.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { SilentFeed, Silences } from './silences.ts'
import type { RosterState } from '../../protocol/roster.ts'
import { subtractRanges, vectorDigest, type FeedName, type Range, type VectorRow } from '../../protocol/vector.ts'
import { branchRanges, type Branch } from './branches.ts'
import type { Floor, Floors } from './floors.ts'
import type { LiveGroup } from './live-group.ts'
import type { Position, ScopeRecord } from './rows.ts'

/** One feed. Only batches write `staged`; `durable` follows once the batch is on disk, and alone is told to peers. */
export interface FeedState {
  readonly number: number
  readonly feed: Feed
  staged: Position
  durable: Position
  /** Its row is on disk: its number is its own for ever. */
  isKept: boolean
  /** Own message feeds: what each peer device says it holds. */
  readonly holders: Map<DeviceId, readonly Range[]>
  /** Device and generation as order keys spell them, so that they are spelled once. */
  readonly orderMiddle: string
  /** feedText(), spelled once. */
  readonly text: string
}

export function newFeed(number: number, feed: Feed, position: Position): FeedState {
  const { device, generation } = feed
  const orderMiddle = orderKey({ hlc: zeroHlc, device, generation, seq: 0 }).slice(16, 96)
  return {
    number,
    feed,
    staged: position,
    durable: position,
    isKept: false,
    holders: new Map(),
    orderMiddle,
    text: feedText(feed),
  }
}

/** orderKey() of an entry of the feed. */
export const orderIn = (feed: FeedState, { hlc, seq }: Pick<Header, 'hlc' | 'seq'>): string =>
  hlcText(hlc) + feed.orderMiddle + seq.toString(16).padStart(14, '0')

/** The order key before one of these: between it and those of all other messages that stand above. */
export const justBelow = (order: string): string =>
  order.slice(0, 96) + (Number.parseInt(order.slice(96), 16) - 1).toString(16).padStart(14, '0')

/** Where a feed ends before the newest entry that is held. */
export type EndOf = (feed: FeedState) => Pick<SealedHeader, 'id' | 'header'> | 'none' | undefined
const noEnd: EndOf = () => undefined

const cutOff = (
  { ranges }: Position,
  { id, header }: Pick<SealedHeader, 'id' | 'header'>,
): Pick<VectorRow, 'ranges' | 'head' | 'hlc'> => ({
  ranges: subtractRanges(ranges, [[header.seq + 1, Number.MAX_SAFE_INTEGER]]),
  head: id,
  hlc: header.hlc,
})

const authorKey = ({ device, lane }: Pick<Feed, 'device' | 'lane'>): string => `${lane} ${device}`

export class ScopeState {
  readonly number: number
  staged: ScopeRecord
  record: ScopeRecord
  readonly feeds = new Map<string, FeedState>()
  readonly #byNumber = new Map<number, FeedState>()
  /** Every lane-0 entry, in the order of arrival. Small: people change devices and groups rarely. Never changed in place. */
  operations: readonly LoggedOperation[] = []
  durableOperations: readonly LoggedOperation[] = []
  readonly keys = new Map<EpochId, Uint8Array>()
  /** Keys whose batch is not durable yet. */
  readonly stagedKeys = new Set<EpochId>()
  /** Computed when first asked for after a change of operations, here or in a person's log. */
  roster: RosterState | undefined
  /** Of a group, instead of `roster`: it grows with the operations. */
  live: LiveGroup | undefined
  /** Of a group: order keys of the notices that were told, so that the next telling says what is new; undefined before the first. */
  told: Set<string> | undefined
  /** Of a group: operations that lie beside their feeds. */
  readonly branches = new Map<EntryId, Branch>()
  readonly stagedBranches = new Set<EntryId>()
  /** Own generations begun since this daemon started: nobody can hold more of them than this device does. */
  readonly begun = new Set<Generation>()
  /** Own generations of which a peer says that it holds more, or something else: nothing is written to them any more. */
  readonly doubted = new Set<Generation>()
  /** While the owner marks messages as read: the order keys of what is staged meanwhile. */
  arriving: Set<string> | undefined
  /** Up to where its feeds were deleted; durable. */
  readonly floors: Floors
  /** Up to where its feeds are not taken; durable, or on the way. */
  readonly silences: Silences = new Map()
  /** It was deleted: whoever still has this object must not write to it. */
  isGone = false
  readonly #byAuthor = new Map<string, readonly FeedState[]>()
  #digest: { readonly version: number; readonly bytes: Uint8Array } | undefined
  #rosterDigest: Uint8Array | undefined

  constructor(number: number, record: ScopeRecord, floors: Floors) {
    this.number = number
    this.staged = record
    this.record = record
    this.floors = floors
  }

  floorOf(feed: Feed): Floor | undefined {
    return this.floors.get(feedKey(feed))
  }

  silenceOf(feed: Feed): SilentFeed | undefined {
    return this.silences.get(feedKey(feed))
  }

  /** Nothing of a feed is taken up to this number. */
  lowOf(feed: Feed): number {
    return Math.max(this.floorOf(feed)?.seq ?? 0, this.silenceOf(feed)?.seq ?? 0)
  }

  feed(feed: Feed): FeedState | undefined {
    return this.feeds.get(feedKey(feed))
  }

  feedNumbered(number: number): FeedState | undefined {
    return this.#byNumber.get(number)
  }

  addFeed(state: FeedState): void {
    const { feed, number } = state
    this.feeds.set(feedKey(feed), state)
    this.#byNumber.set(number, state)
    this.#byAuthor.set(authorKey(feed), [...this.#othersOf(feed), state])
  }

  dropFeed(state: FeedState): void {
    const { feed, number } = state
    this.feeds.delete(feedKey(feed))
    this.#byNumber.delete(number)
    this.#byAuthor.set(authorKey(feed), this.#othersOf(feed))
  }

  /** The other generations of a feed. */
  #othersOf({ device, lane, generation }: Feed): FeedState[] {
    return this.feedsOf(device, lane).filter(({ feed }) => feed.generation !== generation)
  }

  /** Places of a feed beside which an operation lies. */
  branchesOf(name: FeedName): readonly Range[] {
    return branchRanges(this, { scope: this.record.scope, ...name })
  }

  /** The durable state changed. */
  changed(): void {
    this.#digest = undefined
    this.#rosterDigest = undefined
  }

  /** `endOf`: where a feed ends before its newest entry; what lies beyond is not told. */
  vector(endOf: EndOf = noEnd): VectorRow[] {
    const held = [...this.feeds.values()].flatMap((state): VectorRow[] => {
      const { feed, durable } = state
      const end = endOf(state)
      if (durable.head === undefined || end === 'none') return []
      const { device, lane, generation } = feed
      const { ranges, head, hlc } = end === undefined ? durable : cutOff(durable, end)
      const row = { device, lane, generation, ranges, head, hlc }
      const floor = this.floorOf(feed)
      return [floor === undefined ? row : { ...row, floor: { seq: floor.seq, id: floor.id } }]
    })
    const deleted = [...this.floors.values()].flatMap(({ feed, seq, id }): VectorRow[] => {
      if (this.feed(feed)?.durable.head !== undefined) return []
      const { device, lane, generation } = feed
      return [{ device, lane, generation, ranges: [], head: undefined, hlc: zeroHlc, floor: { seq, id } }]
    })
    return [...held, ...deleted]
  }

  /** The rows of operations alone. */
  rosterVector(): VectorRow[] {
    return this.vector().filter(({ lane }) => lane === lanes.roster)
  }

  rosterDigest(): Uint8Array {
    return (this.#rosterDigest ??= vectorDigest(this.rosterVector()))
  }

  /** `version`: of the ends. */
  digest(endOf: EndOf = noEnd, version = 0): Uint8Array {
    if (this.#digest?.version !== version) this.#digest = { version, bytes: this.#digestOf(this.vector(endOf)) }
    return this.#digest.bytes
  }

  /** Whoever was blocked says at every meeting where their feeds end: digests are made to differ. See silence.ts. */
  #digestOf(rows: readonly VectorRow[]): Uint8Array {
    const digest = vectorDigest(rows)
    return this.record.silentUntil === 0 ? digest : digest.map((byte) => byte ^ 0xff)
  }

  /** All generations. Asked for with each run that comes, so that it must not go through all feeds. */
  feedsOf(device: DeviceId, lane: Lane): readonly FeedState[] {
    return this.#byAuthor.get(authorKey({ device, lane })) ?? []
  }

  /** What the roster rests on was taken back. */
  forgetRoster(): void {
    this.roster = undefined
    this.live = undefined
  }

  /** Forgets what was staged and never reached the disk. */
  rollBack(): void {
    this.staged = this.record
    for (const feed of this.feeds.values()) {
      feed.staged = feed.durable
      if (!feed.isKept) this.dropFeed(feed)
    }
    this.operations = this.durableOperations
    for (const epoch of this.stagedKeys) this.keys.delete(epoch)
    this.stagedKeys.clear()
    for (const id of this.stagedBranches) this.branches.delete(id)
    this.stagedBranches.clear()
    this.forgetRoster()
  }
}

/** True if `seq` lies in one of the ranges. */
export function holds(ranges: readonly Range[], seq: number): boolean {
  for (const [from, to] of ranges) if (from <= seq && seq <= to) return true
  return false
}
