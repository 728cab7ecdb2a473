/** Fills frames: runs, vector rows and registers, each frame within its limit. */

import type { SyncFrame } from './link.ts'
import { portionBytes } from './feeds.ts'
import type { Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Register } from '../../protocol/register.ts'
import { entrySize, runOverhead, type Run } from '../../protocol/run.ts'
import type { VectorRow } from '../../protocol/vector.ts'

/** Room for the head of a frame. */
const frameBytes = limits.entriesFrameBytes - 1024

export const runSize = ({ entries }: Run): number =>
  entries.reduce((bytes, { sealed, slot }) => bytes + entrySize(sealed, slot), runOverhead)

/**
 * Runs in parts of which each fits an `entries` frame. Where a run is cut its lower part needs no signature: its top is
 * the `prev` of the entry before the cut, which the same link has carried.
 */
export function packRuns(runs: readonly Run[], most: number = frameBytes): Run[][] {
  const parts: Run[][] = [[]]
  let bytes = 0
  for (const run of runs) {
    let from = 0
    let size = runOverhead
    // Headers at the top that only prove what stands below them go with it.
    const bare = run.entries.findIndex(({ slot }) => slot.is !== 'missing')
    const cut = (to: number): void => {
      if (to === from) return
      const part = from === 0 && to === run.entries.length ? run : slice(run, from, to)
      parts.at(-1)?.push(part)
      bytes += size
      from = to
      size = runOverhead
    }
    for (const [index, { sealed, slot }] of run.entries.entries()) {
      const more = entrySize(sealed, slot)
      const crowded = (parts.at(-1)?.length ?? 0) === limits.runEntries || index - from === limits.runEntries
      const full = crowded || bytes + size + more > most
      if (full && bytes + size > runOverhead) {
        if (from > 0 || index > bare) cut(index)
        parts.push([])
        bytes = 0
      }
      size += more
    }
    cut(run.entries.length)
  }
  return parts.filter((part) => part.length > 0)
}

const slice = (run: Run, from: number, to: number): Run => ({
  signature: from === 0 ? run.signature : undefined,
  entries: run.entries.slice(from, to),
})

/**
 * Runs of messages that continue each other become one, under the one signature of the newest; older runs stand first in
 * `runs`. Operations stay alone: each carries its own signature.
 */
export function joinRuns(runs: readonly Run[]): Run[] {
  const joined: Run[] = []
  for (const run of runs) {
    const below = joined.at(-1)
    if (below !== undefined && continues(run, below)) {
      joined[joined.length - 1] = { signature: run.signature, entries: [...run.entries, ...below.entries] }
    } else joined.push(run)
  }
  return joined
}

function continues(run: Run, below: Run): boolean {
  const end = run.entries.at(-1)?.sealed.header
  if (end === undefined || end.lane === 0 || run.signature === undefined) return false
  return below.entries[0]?.sealed.id === end.prev && below.entries.length + run.entries.length <= limits.runEntries
}

const rowBytes = 112
const rangeBytes = 19

/** The frames of one vector. A row with too many ranges goes as several rows of one feed, each with the feed's head. */
export function vectorFrames(scope: Scope, rows: readonly VectorRow[]): SyncFrame[] {
  const parts: VectorRow[][] = [[]]
  let bytes = 0
  for (const row of rows) {
    for (let at = 0; at === 0 || at < row.ranges.length; at += limits.rowRanges) {
      const ranges = row.ranges.slice(at, at + limits.rowRanges)
      const size = rowBytes + ranges.length * rangeBytes
      const last = parts.at(-1) ?? []
      if (last.length === limits.vectorRows || bytes + size > portionBytes) {
        parts.push([])
        bytes = 0
      }
      parts.at(-1)?.push(ranges.length === row.ranges.length ? row : { ...row, ranges })
      bytes += size
    }
  }
  return parts.map((part, index) => ({ is: 'vector', scope, rows: part, more: index < parts.length - 1 }))
}

export function* registerFrames(registers: Iterable<Register>): Generator<SyncFrame, void> {
  let part: Register[] = []
  let bytes = 0
  for (const register of registers) {
    const size = 200 + limits.registerKeyBytes + register.value.length
    if (part.length === limits.frameItems || bytes + size > portionBytes) {
      yield { is: 'registers', registers: part }
      part = []
      bytes = 0
    }
    part.push(register)
    bytes += size
  }
  if (part.length > 0) yield { is: 'registers', registers: part }
}
