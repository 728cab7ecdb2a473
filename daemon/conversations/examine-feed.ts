/** Reads one feed from the disk, oldest first, and judges every entry by its hash, its chain, its signature and what lists it. */

import { readContent } from '../../protocol/content.ts'
import { checkPayload, checkSignature, feedKey, feedOf, kinds, lanes, type SealedHeader } from '../../protocol/entry.ts'
import { openPayload } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Range } from '../../protocol/vector.ts'
import { tables, type Row } from '../store/store.ts'
import type { Core } from './core.ts'
import { isMessage, readEntryRow, type StoredEntry } from './rows.ts'
import { orderRowKey } from './scope-keys.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import { wholeIndexed } from './whole-row.ts'
import { clientKey } from './writer.ts'

/** What was found wrong in a part of a feed. */
export interface FeedFaults {
  /** Entries that are held by the account and not on the disk. */
  readonly missing: number[]
  /** On the disk, and not what their hash, their neighbour or their signature says, or not readable at all. */
  readonly damaged: number[]
  /** Whole entries that the order of the conversation does not list. */
  readonly unlisted: StoredEntry[]
  /** Own messages whose client id is not noted. */
  readonly unnoted: { readonly clientId: string; readonly seq: number }[]
  /** The account says another head than the disk. */
  headDiffers: boolean
  /** Some part of the disk cannot be read at all. */
  hasUnreadable: boolean
}

/** Entries that one step reads: some 10 ms. */
const stepEntries = 512

export class FeedExaminer {
  readonly #core: Core
  readonly #scope: ScopeState
  readonly #feed: FeedState
  readonly #ranges: readonly Range[]
  readonly #head: { readonly seq: number; readonly id: string | undefined }
  #faults: FeedFaults = noFaults()
  #last: SealedHeader | undefined

  /** Judges what is durable now; what comes later is not looked at. */
  constructor(core: Core, scope: ScopeState, feed: FeedState) {
    this.#core = core
    this.#scope = scope
    this.#feed = feed
    const { ranges, seq, head } = feed.durable
    this.#ranges = ranges
    this.#head = { seq, id: head }
  }

  /** How many entries there are to look at. */
  get count(): number {
    return this.#ranges.reduce((sum, [low, high]) => sum + high - low + 1, 0)
  }

  /** Some entries at a time, with what is wrong among them. */
  async *steps(): AsyncGenerator<{ readonly entries: number; readonly faults: FeedFaults }> {
    for (const [from, to] of this.#ranges) {
      for (let low = from; low <= to; low += stepEntries) {
        const high = Math.min(to, low + stepEntries - 1)
        this.#faults = noFaults()
        await this.#step(low, high)
        yield { entries: high - low + 1, faults: this.#faults }
      }
    }
  }

  async #step(low: number, high: number): Promise<void> {
    const { number } = this.#scope
    const unreadable = new Set<number>()
    const rows = await this.#core.store.range(tables.entry, {
      prefix: [number, this.#feed.number],
      under: number,
      after: [low - 1],
      before: [high + 1],
      damaged: (at) => {
        if (at[2] === undefined) this.#faults.hasUnreadable = true
        else unreadable.add(at[2])
      },
    })
    const bySeq = new Map(rows.map((row) => [row.at[2] ?? 0, row]))
    for (let seq = low; seq <= high; seq += 1) {
      // Lost or taken out since this look began.
      if (!holds(this.#feed.durable.ranges, seq)) continue
      const row = bySeq.get(seq)
      if (row !== undefined) this.#judge(seq, row)
      else if (unreadable.has(seq)) this.#faults.damaged.push(seq)
      else this.#faults.missing.push(seq)
    }
  }

  #judge(seq: number, { value }: Row): void {
    let stored: StoredEntry
    try {
      stored = readEntryRow(value)
      this.#check(seq, stored)
    } catch (error) {
      if (!(error instanceof WarrenError)) throw error
      this.#faults.damaged.push(seq)
      return
    }
    const { sealed } = stored
    if (seq === this.#head.seq && sealed.id !== this.#head.id) this.#faults.headDiffers = true
    // Each is named by the one above: where two do not fit, the upper one was proven by what is above it, or by its signature.
    if (this.#last?.header.seq === seq - 1 && sealed.header.prev !== this.#last.id) this.#faults.damaged.push(seq - 1)
    this.#last = sealed
    if (sealed.header.lane === lanes.messages) this.#checkIndexes(seq, stored)
  }

  /** Throws BAD_HASH, BAD_SIGNATURE, BAD_SHAPE. */
  #check(seq: number, { sealed, payload, signature }: StoredEntry): void {
    if (sealed.header.seq !== seq || feedKey(feedOf(sealed)) !== feedKey(this.#feed.feed))
      throw new WarrenError('BAD_HASH', 'an entry of another place')
    if (payload !== undefined) checkPayload(sealed, payload)
    if (signature !== undefined) checkSignature(sealed, signature)
  }

  #checkIndexes(seq: number, stored: StoredEntry): void {
    const { store, self } = this.#core
    if (isMessage(stored)) {
      const key = orderRowKey(this.#scope, this.#feed.number, stored.sealed.header)
      if (wholeIndexed(store, key)?.length !== 0) this.#faults.unlisted.push(stored)
    }
    if (this.#feed.feed.device !== self.device) return
    const clientId = this.#clientIdOf(stored)
    if (clientId !== '' && !this.#isNoted(clientId, seq)) this.#faults.unnoted.push({ clientId, seq })
  }

  /** Whether the index leads from a client id to this entry, or to another one that has it. */
  #isNoted(clientId: string, seq: number): boolean {
    const { store, scopes } = this.#core
    const [number, noted, ...more] = wholeIndexed(store, clientKey(store, this.#scope, clientId)) ?? []
    if (number === undefined || noted === undefined || more.length > 0) return false
    if (number === this.#feed.number && noted === seq) return true
    const feed = this.#scope.feedNumbered(number)
    const other = feed === undefined ? undefined : scopes.entry(this.#scope, feed, noted)
    return other !== undefined && this.#clientIdOf(other) === clientId
  }

  /** Empty if it has none, or cannot be opened. */
  #clientIdOf({ sealed, payload }: StoredEntry): string {
    const { epoch, kind } = sealed.header
    const key = epoch === undefined ? undefined : this.#scope.keys.get(epoch)
    if (key === undefined || payload === undefined || kind !== kinds.content) return ''
    try {
      return readContent(openPayload(key, sealed, payload)).clientId
    } catch (error) {
      if (error instanceof WarrenError) return ''
      throw error
    }
  }
}

const noFaults = (): FeedFaults => ({
  missing: [],
  damaged: [],
  unlisted: [],
  unnoted: [],
  headDiffers: false,
  hasUnreadable: false,
})
