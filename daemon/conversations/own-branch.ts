/** Own entries that a peer holds in place of others that are here: gathered from the top down until both chains meet. */

import type { SealedHeader } from '../../protocol/entry.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import type { Range } from '../../protocol/vector.ts'
import { bottomOf, storedEntry, topOf } from './checks.ts'
import type { StoredEntry } from './rows.ts'

const mostEntries = 65_536

export class OwnBranch {
  /** Newest first, each the `prev` of the one before it. */
  readonly entries: StoredEntry[] = []

  /** Begins with a run that was proven: signed, or below a held entry. Undefined if it does not bring all its payloads. */
  static of(run: Run, storedAt: number): OwnBranch | undefined {
    if (!isWhole(run)) return undefined
    const branch = new OwnBranch()
    branch.#push(run, run.entries, storedAt)
    return branch
  }

  get top(): SealedHeader {
    return (this.entries[0] as StoredEntry).sealed
  }

  get bottom(): SealedHeader {
    return (this.entries.at(-1) as StoredEntry).sealed
  }

  get isFull(): boolean {
    return this.entries.length >= mostEntries
  }

  /** What must come next for the chains to meet. */
  get below(): Range {
    const { seq } = this.bottom.header
    return [Math.max(1, seq - limits.runEntries), seq - 1]
  }

  /** Takes a run that hangs below this branch or overlaps it; false if it is of another one. */
  take(run: Run, storedAt: number): boolean {
    const { header, id } = this.bottom
    if (!isWhole(run)) return false
    if (topOf(run).id === header.prev) {
      this.#push(run, run.entries, storedAt)
      return true
    }
    if (bottomOf(run).header.seq > header.seq) return this.#has(topOf(run))
    const at = run.entries.findIndex(({ sealed }) => sealed.id === id)
    if (at >= 0) this.#push(run, run.entries.slice(at + 1), storedAt)
    return at >= 0
  }

  #has({ id, header }: SealedHeader): boolean {
    return this.entries[this.top.header.seq - header.seq]?.sealed.id === id
  }

  #push(run: Run, entries: Run['entries'], storedAt: number): void {
    for (const entry of entries) this.entries.push(storedEntry(entry, run, storedAt))
  }
}

const isWhole = (run: Run): boolean => run.entries.every(({ slot }) => slot.is === 'held')
