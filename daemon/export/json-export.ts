/** A history as JSON that anybody can check (docs/export.md). */

import {
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

function lineOf(item: HistoryItem): string {
  if (item.is === 'gap') return gapLine(item.feed, item.first, item.last, item.why)
  if (item.is === 'fork') return forkLine(item.feed, item.after)
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
    for (const { person, sealed, payload, signature } of operations) {
      if (payload === undefined || signature === undefined) continue
      yield `${itemLine(operationLine(person, sealed, payload, signature), isFirst)}\n`
      isFirst = false
    }
  }
  yield `${entriesBegin}\n`
  isFirst = true
  let entries = 0
  let messages = 0
  for await (const item of history.items()) {
    if (item.is === 'entry' && item.isProven) {
      entries += 1
      if (item.body.is === 'message') messages += 1
    }
    yield `${itemLine(lineOf(item), isFirst)}\n`
    isFirst = false
  }
  yield `${endLine(entries, messages)}\n`
}
