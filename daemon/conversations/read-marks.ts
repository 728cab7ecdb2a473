/** How far other persons have read, and where that is in the owner's feeds. */

import type { PersonId } from '../../protocol/ids.ts'
import type { Store } from '../store/store.ts'
import { readEntryRow } from './rows.ts'
import { entryKey } from './scope-keys.ts'
import { orderIn, type FeedState, type ScopeState } from './scope-state.ts'
import { wholeRow } from './whole-row.ts'

interface ReadMark {
  /** The order key up to which somebody has read. */
  order: string
  /** When they said so, by their clock: epoch milliseconds. */
  at: number
  /** Per own feed: the last number whose order key is not behind it, and up to which number that was looked for. */
  readonly seqs: Map<FeedState, { readonly seq: number; readonly searched: number }>
}

export class ReadMarks {
  readonly #store: Pick<Store, 'get'>
  readonly #marks = new Map<ScopeState, Map<PersonId, ReadMark>>()

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store
  }

  /** False if nothing is new. */
  raise(scope: ScopeState, person: PersonId, order: string, at: number): boolean {
    const marks = this.#marks.get(scope) ?? new Map<PersonId, ReadMark>()
    this.#marks.set(scope, marks)
    const mark: ReadMark = marks.get(person) ?? { order: '', at: 0, seqs: new Map() }
    if (order <= mark.order) return false
    mark.order = order
    mark.at = at
    // Nothing was looked for with this mark; what lies before the old one lies before this one.
    for (const [feed, { seq }] of mark.seqs) mark.seqs.set(feed, { seq, searched: 0 })
    marks.set(person, mark)
    return true
  }

  /** When somebody said that they have read what stands at this order key, or something behind it; 0 if they did not. */
  readAt(scope: ScopeState, person: PersonId, order: string): number {
    const mark = this.#marks.get(scope)?.get(person)
    return mark !== undefined && order <= mark.order ? mark.at : 0
  }

  /** The last entry of a feed of the owner's that stands at or before somebody's mark. What was searched once is not searched again. */
  seqIn(scope: ScopeState, feed: FeedState, person: PersonId): number {
    const mark = this.#marks.get(scope)?.get(person)
    if (mark === undefined) return 0
    const known = mark.seqs.get(feed)
    const { seq: top, hlc } = feed.durable
    // Order keys grow within a feed: where one lies behind the mark, all later ones do.
    if (known !== undefined && (known.seq < known.searched || known.searched === top)) return known.seq
    const isAll = top > 0 && orderIn(feed, { hlc, seq: top }) <= mark.order
    const seq = isAll ? top : this.#search(scope, feed, mark.order, known?.seq ?? 0)
    mark.seqs.set(feed, { seq, searched: top })
    return seq
  }

  #search(scope: ScopeState, feed: FeedState, order: string, from: number): number {
    let low = from
    let high = feed.durable.seq
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const row = wholeRow(this.#store, entryKey(scope, feed.number, middle))
      if (row !== undefined && orderIn(feed, readEntryRow(row).sealed.header) <= order) low = middle
      else high = middle - 1
    }
    return low
  }

  forget(scope: ScopeState): void {
    this.#marks.delete(scope)
  }
}
