/** A page of the messages of an owner in memory. */

import type { PageOptions } from '../../daemon/api/owner.ts'
import type { Message, MessagePage } from '../../protocol/http-conversations.ts'

/** `all`: oldest first. */
export function fakePage(all: readonly Message[], { before, after, limit }: PageOptions): MessagePage {
  const fitting = all.filter(
    ({ order }) => (before === undefined || order < before) && (after === undefined || order > after),
  )
  const items = after === undefined ? fitting.slice(-limit) : fitting.slice(0, limit)
  const [first, last] = [items[0], items.at(-1)]
  return {
    items: items.toReversed(),
    older: first !== undefined && all[0] !== first,
    newer: last !== undefined && all.at(-1) !== last,
  }
}
