/** Where a feed stands when ranges of it are taken out. */

import { subtractRanges, type Range } from '../../protocol/vector.ts'
import type { Batch } from '../store/store.ts'
import { emptyPosition, readEntryRow, type Position } from './rows.ts'
import { entryKey } from './scope-keys.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { wholeRow } from './whole-row.ts'

/** The staged position of a feed without some entries; its head is the newest that is left and is there. Numbers stay used. */
export function without(batch: Batch, scope: ScopeState, feed: FeedState, gone: readonly Range[]): Position {
  const { staged } = feed
  let ranges = subtractRanges(staged.ranges, gone)
  for (;;) {
    const seq = ranges.at(-1)?.[1]
    if (seq === undefined) return { ...emptyPosition, highest: staged.highest, frozen: staged.frozen }
    if (seq === staged.seq) return { ...staged, ranges }
    const row = wholeRow(batch, entryKey(scope, feed.number, seq))
    if (row !== undefined) {
      const { id, header } = readEntryRow(row).sealed
      return { ...staged, ranges, seq, head: id, hlc: header.hlc }
    }
    ranges = subtractRanges(ranges, [[seq, seq]])
  }
}
