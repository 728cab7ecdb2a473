/** A history as JSON that anybody can check (docs/export.md). */

import {
  aboveLine,
  endLine,
  entriesBegin,
  entryLine,
  forkLine,
  gapLine,
  headLine,
  itemLine,
  operationLine,
  type ExportHead,
} from '../../protocol/export-format.ts'
import type { History, HistoryItem } from '../conversations/history.ts'

/** Undefined if the item is not told of here. `isKnown`: a log says whose device it is of. */
function lineOf(item: HistoryItem, isKnown: boolean): string | undefined {
  // Of a device of nobody nothing is said but that there is something.
  if (item.is === 'gap') return gapLine(item.feed, item.first, item.last, isKnown ? item.why : 'unproven')
  if (item.is === 'proof') return forkLine(item.feed, item.after, item.proof)
  if (item.is === 'fork') return isKnown && !item.isProven ? forkLine(item.feed, item.after) : undefined
  const { sealed } = item.stored
  const { seq } = sealed.header
  // What nobody vouches for proves nothing: it is told of, and left out.
  return item.isProven ? entryLine({ ...item, sealed }) : gapLine(item.feed, seq, seq, 'unproven')
}

/** Line by line, each with its newline. Throws as History.items(). */
export async function* exportAsJson(history: History, head: ExportHead): AsyncGenerator<string> {
  yield `${headLine(head)}\n`
  let isFirst = true
  for await (const operations of history.operations()) {
    for (const { of, sealed, payload, signature } of operations) {
      if (payload === undefined || signature === undefined) continue
      yield `${itemLine(operationLine(of, sealed, payload, signature), isFirst)}\n`
      isFirst = false
    }
  }
  yield `${entriesBegin}\n`
  isFirst = true
  let entries = 0
  let messages = 0
  for await (const item of history.items()) {
    const line = lineOf(item, history.isKnown(item.feed.device))
    if (line === undefined) continue
    if (item.is === 'entry' && item.isProven) {
      entries += 1
      if (item.body.is === 'message' && !item.outside) messages += 1
    }
    yield `${itemLine(line, isFirst)}\n`
    isFirst = false
    if (item.is === 'entry' && item.isProven && item.above !== undefined)
      yield `${itemLine(aboveLine(item.feed, { headers: item.above.above, signature: item.above.signature }), false)}\n`
  }
  yield `${endLine(entries, messages)}\n`
}
