/** One feed of a fake log: what is kept of it, and how it is read back as runs. */

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

  /** Whether a run is signed or hangs below a kept entry. */
  proves({ signature, entries }: Run): boolean {
    const top = entries[0]?.sealed
    return signature !== undefined || this.entries.get((top?.header.seq ?? 0) + 1)?.sealed.header.prev === top?.id
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

  /** The next run, of about `budget` bytes and one entry at least; unsigned if the asker holds what its top hangs on. */
  take(budget: number): { readonly run: Run; readonly bytes: number } {
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
    return { run: { signature: this.kept.entries.get(to)?.signature, entries }, bytes }
  }
}

/** Operations first, then the newest. */
export const compareCursors = (a: FakeCursor, b: FakeCursor): number =>
  a.kept.feed.lane - b.kept.feed.lane || b.topMs - a.topMs
