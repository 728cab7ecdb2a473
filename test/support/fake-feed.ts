/** One feed of a fake log: what is kept of it, and how it is read back as runs with a proof. */

import type { Feed, SealedHeader } from '../../protocol/entry.ts'
import { entrySize, runOverhead, type Run, type Slot } from '../../protocol/run.ts'
import { addRange, subtractRanges, type Range } from '../../protocol/vector.ts'
import { topOf } from './fake-device.ts'

interface Kept {
  readonly sealed: SealedHeader
  readonly slot: Slot
  readonly signature: Uint8Array | undefined
}

type RunEntry = Run['entries'][number]

const pageEntries = 128

export class FakeFeed {
  readonly feed: Feed
  readonly entries = new Map<number, Kept>()
  ranges: readonly Range[] = []
  /** Two chains were seen: nothing more is taken. */
  frozen = false

  constructor(feed: Feed) {
    this.feed = feed
  }

  /** False if nothing of the run is new. */
  put(run: Run): boolean {
    this.frozen ||= this.#contradicts(run)
    if (this.frozen) return false
    const before = this.entries.size
    for (const { sealed, slot } of run.entries) {
      const { seq } = sealed.header
      if (slot.is === 'missing' || this.entries.has(seq)) continue
      this.entries.set(seq, { sealed, slot, signature: sealed === topOf(run) ? run.signature : undefined })
      this.ranges = addRange(this.ranges, [seq, seq])
    }
    return this.entries.size > before
  }

  lose(from: number): void {
    for (const seq of this.entries.keys()) if (seq >= from) this.entries.delete(seq)
    this.ranges = subtractRanges(this.ranges, [[from, Number.MAX_SAFE_INTEGER]])
  }

  cursor(wanted: readonly Range[]): FakeCursor {
    return new FakeCursor(this, subtractRanges(this.ranges, subtractRanges(this.ranges, wanted)))
  }

  /** Whether the run is another chain than the one kept. */
  #contradicts(run: Run): boolean {
    const high = topOf(run)
    const low = run.entries.at(-1)?.sealed.header
    const above = this.entries.get(high.header.seq + 1)?.sealed.header
    const below = this.entries.get((low?.seq ?? 0) - 1)?.sealed
    const idAt = (seq: number): string | undefined => this.entries.get(seq)?.sealed.id
    const differs = run.entries.some(({ sealed }) => (idAt(sealed.header.seq) ?? sealed.id) !== sealed.id)
    return differs || (above !== undefined && above.prev !== high.id) || (below !== undefined && low?.prev !== below.id)
  }
}

/** Reads ranges of a feed from the top down. */
class FakeCursor {
  readonly kept: FakeFeed
  readonly #ranges: Range[]
  /** The entry that was read last. */
  #above = 0

  constructor(kept: FakeFeed, ranges: Range[]) {
    this.kept = kept
    this.#ranges = ranges
  }

  get done(): boolean {
    return this.#ranges.length === 0
  }

  /** When the next entry was written. */
  get topMs(): number {
    return this.kept.entries.get(this.#ranges.at(-1)?.[1] ?? 0)?.sealed.header.hlc.wallMs ?? 0
  }

  /** The next run, of about `budget` bytes and one entry at least; none if it has no proof. */
  take(budget: number): { readonly run: Run | undefined; readonly bytes: number } {
    const [from, to] = this.#ranges.pop() as Range
    const most = this.kept.feed.lane === 0 ? 1 : pageEntries
    const entries: RunEntry[] = []
    let bytes = runOverhead
    let seq = to
    for (; seq >= from && entries.length < most && (entries.length === 0 || bytes < budget); seq -= 1) {
      const { sealed, slot } = this.kept.entries.get(seq) as Kept
      entries.push({ sealed, slot })
      bytes += entrySize(sealed, slot)
    }
    if (seq >= from) this.#ranges.push([from, seq])
    const signature = this.kept.entries.get(to)?.signature
    const hangs = this.#above === to + 1
    this.#above = seq + 1
    return { run: signature !== undefined || hangs ? { signature, entries } : this.#proven(to, entries), bytes }
  }

  /** With the headers that lead down to the run from the next signed entry. */
  #proven(to: number, entries: readonly RunEntry[]): Run | undefined {
    const front: RunEntry[] = []
    for (let seq = to + 1; ; seq += 1) {
      const above = this.kept.entries.get(seq)
      if (above === undefined) return undefined
      front.unshift({ sealed: above.sealed, slot: { is: 'missing' } })
      if (above.signature !== undefined) return { signature: above.signature, entries: [...front, ...entries] }
    }
  }
}

/** Operations first, then the newest. */
export const compareCursors = (a: FakeCursor, b: FakeCursor): number =>
  a.kept.feed.lane - b.kept.feed.lane || b.topMs - a.topMs
