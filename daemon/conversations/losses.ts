/** Entries that are held and are not on the disk: LevelDB may drop a block without a word. They are wanted again. */

import { lanes } from '../../protocol/entry.ts'
import { limits } from '../../protocol/limits.ts'
import { addRange, subtractRanges, type Range } from '../../protocol/vector.ts'
import { tables } from '../store/store.ts'
import type { Core } from './core.ts'
import type { Unread } from './late-entries.ts'
import { without } from './positions.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import type { Writer } from './writer.ts'

/** A home that was closed in order lost nothing that was on its way; this many entries of each feed are looked at still. */
const afterCleanClose = 64

interface Present {
  readonly ranges: readonly Range[]
  /** A part of the disk where more of the feed may lie cannot be read at all. */
  readonly isCutOff: boolean
}

export class Losses {
  readonly #core: Core
  readonly #writer: Writer
  readonly #noted = new Map<FeedState, readonly Range[]>()
  #writing: Promise<void> = Promise.resolve()

  constructor(core: Core, writer: Writer) {
    this.#core = core
    this.#writer = writer
  }

  /**
   * At open: looks for gaps at the end of every feed, and for the newest message of every conversation. What was `unread` is
   * lost, even if it can be read by now.
   */
  async check(unread: Unread): Promise<void> {
    const depth = this.#core.store.closedCleanly ? afterCleanClose : limits.runEntries
    const scopes = [...this.#core.scopes.all()]
    await Promise.all(scopes.map(async (scope) => await this.#checkScope(scope, depth, unread)))
  }

  async #checkScope(scope: ScopeState, depth: number, unread: Unread): Promise<void> {
    for (const feed of scope.feeds.values()) {
      // Operations are all in memory: they were read just now.
      const low = feed.feed.lane === lanes.roster ? 1 : Math.max(1, feed.durable.seq - depth + 1)
      const { ranges, isCutOff } = await this.#present(scope, feed, low)
      const present = subtractRanges(ranges, unread.get(feed) ?? [])
      const lost = subtractRanges(clip(feed.durable.ranges, low), present)
      if (lost.length > 0 || (isCutOff && this.#mayHideMore(scope, feed))) await this.#forget(scope, feed, lost)
    }
    await this.#findLast(scope)
  }

  /**
   * Whether own entries that no row knows of may lie where the disk cannot be read, in the feed that new ones go to. A run that
   * ended in order wrote its rows: then what such a place hides is no news, or is missed.
   */
  #mayHideMore({ record }: ScopeState, { feed }: FeedState): boolean {
    const isInUse = feed.device === this.#core.self.device && feed.generation === record.generations[feed.lane]
    return isInUse && !this.#core.store.closedCleanly
  }

  async #present(scope: ScopeState, feed: FeedState, low: number): Promise<Present> {
    const { number } = scope
    let isCutOff = false
    const rows = await this.#core.store.range(tables.entry, {
      prefix: [number, feed.number],
      under: number,
      after: [low - 1],
      damaged: (at) => {
        isCutOff ||= at.length === 0
      },
    })
    const present: [number, number][] = []
    for (const { at } of rows) {
      const seq = at[2] ?? 0
      const last = present.at(-1)
      if (last !== undefined && last[1] === seq - 1) last[1] = seq
      else present.push([seq, seq])
    }
    return { ranges: present, isCutOff }
  }

  /** The newest message may be among what was lost. */
  async #findLast(scope: ScopeState): Promise<void> {
    const { lastOrder } = scope.record
    if (lastOrder === '' || this.#core.scopes.entryAt(scope, lastOrder) !== undefined) return
    const rows = await this.#core.store.rangeIndex(tables.order, { prefix: [scope.number], reverse: true, limit: 64 })
    const orders = rows.flatMap((at) => this.#core.scopes.listed(scope, at)?.found?.order ?? [])
    const newest = orders.toSorted().at(-1) ?? ''
    await this.#core.commit(scope, undefined, (_, staging) => {
      staging.setRecord({ ...scope.staged, lastOrder: newest })
    })
  }

  /** Found while reading. Never throws; settled() waits for what follows from it. */
  found(scope: ScopeState, feed: FeedState, seqs: readonly number[]): void {
    if (!seqs.some((seq) => holds(feed.staged.ranges, seq))) return
    const known = this.#noted.get(feed)
    const ranges = seqs.reduce<readonly Range[]>((all, seq) => addRange(all, [seq, seq]), known ?? [])
    this.#noted.set(feed, ranges)
    if (known !== undefined) return
    this.#writing = this.#forgetNoted(this.#writing, scope, feed)
  }

  async #forgetNoted(before: Promise<void>, scope: ScopeState, feed: FeedState): Promise<void> {
    await before
    const noted = this.#noted.get(feed)
    this.#noted.delete(feed)
    try {
      if (noted !== undefined) await this.#forget(scope, feed, noted)
    } catch {
      this.#core.log('error', 'lost entries could not be noted')
    }
  }

  async settled(): Promise<void> {
    await this.#writing
  }

  async #forget(scope: ScopeState, feed: FeedState, lost: readonly Range[]): Promise<void> {
    // What was deleted is not missed.
    if (scope.isGone) return
    this.#core.log('error', 'entries are gone from the store', { lost: lost.length, lane: feed.feed.lane })
    await this.#core.commit(scope, undefined, (batch, staging) => {
      staging.setFeed(feed, without(batch, scope, feed, lost))
      this.#writer.noteLoss(batch, staging, feed)
    })
  }
}

const clip = (ranges: readonly Range[], low: number): Range[] =>
  ranges.flatMap(([from, to]): Range[] => (to < low ? [] : [[Math.max(from, low), to]]))
