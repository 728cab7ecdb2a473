/** What a conversation counts: where its newest message stands, and how many the owner has not seen. */

import type { ScopeRecord } from './rows.ts'
import { justBelow } from './scope-state.ts'

export interface Arrival {
  /** Order keys of messages of one author. */
  readonly orders: readonly string[]
  /** Somebody else wrote them. */
  readonly isForeign: boolean
  /** Their author wrote nothing later that is here. */
  readonly isNew: boolean
  /** Told of each that the owner has not seen. */
  readonly unseen?: (order: string) => void
}

/** The record once these messages are in it. */
export function counted(record: ScopeRecord, { orders, isForeign, isNew, unseen }: Arrival): ScopeRecord {
  if (orders.length === 0) return record
  let { lastOrder, readUpTo, unread } = record
  for (const order of orders) {
    if (order > lastOrder) lastOrder = order
    if (!isForeign || (!isNew && order <= readUpTo)) continue
    unread += 1
    unseen?.(order)
    // What comes late is news, though it stands above what was read: its author was away while others wrote on.
    if (order <= readUpTo) readUpTo = justBelow(order)
  }
  return { ...record, lastOrder, readUpTo, unread, listed: true }
}
