/** What one session knows of one scope that both its ends may see. */

import { sameBytes } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { compareHlc } from '../../protocol/hlc.ts'
import type { EntryId, EpochId, Scope } from '../../protocol/ids.ts'
import { addRange, type Range, type VectorRow } from '../../protocol/vector.ts'
import { feedNameKey, isRoster, within, type Feeds } from './feeds.ts'
import type { Part } from './log.ts'

/** Rows and ranges of one vector that a session puts together at most. */
const mostRows = 16_384
const mostRanges = 65_536
const firstBudget = 256 * 1024
/** Few: until it is known how quick the peer is, others have to wait for what it was asked for. */
const firstEntries = 256
/** Epochs that a peer may ask for and be answered later. */
export const mostOwed = 1024

export class SharedScope {
  readonly scope: Scope
  /** How much of it the peer may see. */
  readonly part: Part
  /** What the peer holds is known: entries of this scope may be asked for and taken. */
  open = false
  /** Since the last offer to the peer. */
  vectorSent = false
  /** The peer sees more or less of it than before: it is told all, and asked to tell all. */
  beginsAnew = false
  /** The peer offered it: it is kept there. */
  offered = false
  /** What the peer was last told of the own holdings. */
  sentDigest = new Uint8Array()
  /** Holdings that were equal to the peer's when last compared. */
  equalDigest = new Uint8Array()
  /** What the peer says it holds and was lacking here when last looked at. */
  peerHas: Feeds = []
  /** What it said since the open want went out: that want tells nothing about it. */
  saidSince: Feeds = []
  /** What its last vector said. */
  #claims: (some: FeedRanges) => boolean = () => false
  /** Own entries that were lost here and that the peer holds. */
  recovering: Feeds = []
  /** Operations are still to come from this peer: messages wait for them. */
  rosterLacking = false
  /** Bytes that the next want asks for: grows while answers come fast, so that the newest page comes first. */
  budget = firstBudget
  /** About so many are claimed for it. */
  entries = firstEntries
  wantedAt = 0
  /** When the peer was last seen typing; 0 since it sent what it typed, for who types on is seen at once. */
  typedAt = 0
  /** Epochs whose keys the peer was asked for. */
  readonly asked = new Set<EpochId>()
  /** Operations that were asked for by their ids since the last digest. */
  readonly fetched = new Set<EntryId>()
  /** Epochs whose keys the peer asked for when they were not here. */
  readonly owed = new Set<EpochId>()
  #parts: Map<string, VectorRow> | undefined
  #ranges = 0

  constructor(scope: Scope, part: Part = 'all') {
    this.scope = scope
    this.part = part
  }

  /** What the peer says it holds, or does not want. */
  set claimed(feeds: Feeds) {
    this.#claims = within(feeds)
  }

  /** Whether the peer's last vector named all of a set. */
  claims(feeds: Feeds): boolean {
    return feeds.every(this.#claims)
  }

  /** What of a set the peer may know of. */
  visible(feeds: Feeds): Feeds {
    return this.part === 'all' ? feeds : feeds.filter(isRoster)
  }

  /** Entries may be given to the peer: none before own ones that were lost are back, or their place would be taken twice. */
  get giving(): boolean {
    return this.open && this.recovering.length === 0
  }

  /** True once per digest: the peer holds what is held here. */
  equals(digest: Uint8Array): boolean {
    const first = !sameBytes(this.equalDigest, digest)
    this.equalDigest = new Uint8Array(digest)
    return first
  }

  /** Takes one frame's rows; returns all rows, newest head first, once `more` is false. Throws TOO_LARGE, BAD_SHAPE. */
  gather(rows: readonly VectorRow[], more: boolean): readonly VectorRow[] | undefined {
    const parts = this.#parts ?? new Map<string, VectorRow>()
    this.#parts = parts
    for (const row of rows) {
      const key = feedNameKey(row)
      const before = parts.get(key)
      parts.set(key, before === undefined ? row : { ...row, ranges: continued(before.ranges, row.ranges) })
      this.#ranges += row.ranges.length
    }
    if (parts.size > mostRows || this.#ranges > mostRanges) throw new WarrenError('TOO_LARGE', 'a vector is too long')
    if (more) return undefined
    this.forgetParts()
    return [...parts.values()].toSorted((a, b) => compareHlc(b.hlc, a.hlc))
  }

  /** Another scope's vector began: this one will not be completed. */
  forgetParts(): void {
    this.#parts = undefined
    this.#ranges = 0
  }
}

/** Throws BAD_SHAPE unless `next` lies wholly above `ranges`. */
function continued(ranges: readonly Range[], next: readonly Range[]): readonly Range[] {
  const end = ranges.at(-1)?.[1] ?? 0
  const begin = next[0]?.[0] ?? 0
  if (begin <= end) throw new WarrenError('BAD_SHAPE', 'rows of one feed overlap')
  const [first, ...rest] = next
  return first === undefined ? ranges : [...addRange(ranges, first), ...rest]
}

/** What the rows say to be held. */
export const rangesOfRows = (rows: readonly VectorRow[]): FeedRanges[] =>
  rows.flatMap(({ device, lane, generation, ranges }) =>
    ranges.length === 0 ? [] : [{ device, lane, generation, ranges }],
  )

/** What need not be brought there: what is held, and what was deleted for good. */
export const settledOfRows = (rows: readonly VectorRow[]): FeedRanges[] =>
  rows.map(({ device, lane, generation, ranges, floor }) => ({
    device,
    lane,
    generation,
    ranges: floor === undefined ? ranges : addRange(ranges, [1, floor.seq]),
  }))
