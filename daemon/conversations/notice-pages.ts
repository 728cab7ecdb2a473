/** Lines that tell of a group among the messages of a page. */

import { feedText } from '../../protocol/order.ts'
import type { GroupNotice } from './notices.ts'
import type { PageAsked, Shown } from './reader.ts'
import type { PersonId } from '../../protocol/ids.ts'

/** A notice in the shape of a message. */
export function shownNotice(notice: GroupNotice, own: PersonId): Shown {
  const { order, by, logged } = notice
  const { header, id } = logged
  return {
    id,
    order,
    from: by,
    mine: by === own,
    text: '',
    files: [],
    at: header.hlc.wallMs,
    feed: feedText(header),
    seq: header.seq,
    state: 'delivered',
    counts: undefined,
    clientId: '',
    clockWrong: false,
    newer: false,
    unreadable: false,
    outside: false,
    notice,
  }
}

export interface ShownPage {
  readonly items: Shown[]
  readonly older: boolean
  readonly newer: boolean
}

/**
 * Both newest first: `notices` are those nearest to the cursor, up to one more than the page has room for. What does not fit falls
 * off at the end that is further from the cursor.
 */
export function merged(page: ShownPage, notices: readonly Shown[], { before, after, limit }: PageAsked): ShownPage {
  if (notices.length === 0) return page
  const all = [...page.items, ...notices].toSorted((a, b) => (a.order < b.order ? 1 : -1))
  const isForward = after !== undefined && before === undefined
  const items = isForward ? all.slice(-limit) : all.slice(0, limit)
  const isCut = all.length > limit
  if (isForward) return { items, older: true, newer: page.newer || isCut }
  return { items, older: page.older || isCut, newer: page.newer }
}
