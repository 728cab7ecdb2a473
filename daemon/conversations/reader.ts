/** Reads stored entries: pages of messages for the owner, runs for peers. */

import { contentTypes, readContent } from '../../protocol/content.ts'
import { compareOrder, kinds, lanes } from '../../protocol/entry.ts'
import { openPayload } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { MessageState } from '../../protocol/http.ts'
import type { EntryId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { feedText, orderKey, readOrderKey } from '../../protocol/order.ts'
import { tables, type Row } from '../store/store.ts'
import type { Core } from './core.ts'
import { readEntryRow, type StoredEntry } from './rows.ts'
import { entryKey } from './scope-table.ts'
import type { FeedState, ScopeState } from './scope-state.ts'

/** A message as this room knows it; the owner's view adds names. */
export interface Shown {
  readonly id: EntryId
  readonly order: string
  readonly from: PersonId
  readonly mine: boolean
  readonly text: string
  readonly at: number
  readonly feed: string
  readonly seq: number
  readonly state: MessageState
  readonly clientId: string
  readonly clockWrong: boolean
  readonly newer: boolean
  readonly unreadable: boolean
}

export interface PageAsked {
  readonly before: string | undefined
  readonly after: string | undefined
  readonly limit: number
}

/** No message is older than Warren: an earlier clock is wrong. */
const firstPossibleMs = Date.UTC(2024, 0, 1)

export class Reader {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
    core.delivery.orderOf = (scope, feed, seq) => {
      const stored = this.entry(scope, feed, seq)
      return stored === undefined ? undefined : orderOf(stored)
    }
  }

  /** A stored entry of one feed. */
  entry(scope: ScopeState, feed: FeedState, seq: number): StoredEntry | undefined {
    const row = this.#core.store.get(entryKey(scope, feed.number, seq))
    return row === undefined ? undefined : readEntryRow(row)
  }

  /** Messages newest first, and whether there are more on either side. */
  async page(scope: ScopeState, asked: PageAsked): Promise<{ items: Shown[]; older: boolean; newer: boolean }> {
    const forward = asked.after !== undefined && asked.before === undefined
    const found = await this.#rows(scope, asked, forward)
    const more = found.length > asked.limit
    const kept = found.slice(0, asked.limit)
    const items = (forward ? kept.toReversed() : kept).map(({ feed, stored }) => this.show(scope, feed, stored))
    const newest = items[0]?.order ?? ''
    return forward
      ? { items, older: true, newer: more }
      : { items, older: more, newer: newest !== '' && newest < scope.record.lastOrder }
  }

  /** Up to limit + 1 messages from the cursor on. Those of one clock reading are sorted as everywhere, which keys cannot do. */
  async #rows(scope: ScopeState, asked: PageAsked, forward: boolean): Promise<Found[]> {
    const cursor = forward ? asked.after : asked.before
    const batchRows = asked.limit + 16
    const out: Found[] = []
    let from = cursor === undefined ? undefined : startOf(cursor, forward)
    for (;;) {
      const edge = from === undefined ? {} : forward ? { after: from } : { before: from }
      const options = { prefix: [scope.number], under: scope.number, reverse: !forward, limit: batchRows, ...edge }
      const rows = await this.#core.store.range(tables.order, options)
      for (const found of this.#lookUp(scope, rows)) {
        if (cursor === undefined || (forward ? found.order > cursor : found.order < cursor)) out.push(found)
      }
      const last = rows.at(-1)
      // A page must not end inside one clock reading, or its ties could be cut in the wrong place.
      if (last === undefined || rows.length < batchRows || isPast(out, asked.limit)) break
      from = last.at.slice(1)
    }
    const sign = forward ? 1 : -1
    return out
      .toSorted((a, b) => sign * compareOrder(a.stored.sealed.header, b.stored.sealed.header))
      .slice(0, asked.limit + 1)
  }

  #lookUp(scope: ScopeState, rows: readonly Row[]): Found[] {
    const numbers = new Map([...scope.feeds.values()].map((feed) => [feed.number, feed]))
    return rows.map(({ at }) => {
      const feed = numbers.get(at[3] ?? -1)
      const stored = feed === undefined ? undefined : this.entry(scope, feed, at[4] ?? 0)
      if (feed === undefined || stored === undefined)
        throw new WarrenError('STORE_DAMAGED', 'a message is listed and not there')
      return { feed, stored, order: orderOf(stored) }
    })
  }

  show(scope: ScopeState, feed: FeedState, stored: StoredEntry): Shown {
    const { header, id } = stored.sealed
    const order = orderOf(stored)
    const from = this.#core.people.personOf(header.device) ?? scope.record.person
    const mine = from === this.#core.self.person
    const shown = {
      id,
      order,
      from,
      mine,
      at: header.hlc.wallMs,
      feed: feedText(header),
      seq: header.seq,
      state: mine ? this.#core.delivery.stateOf(scope, feed, header.seq, order) : ('delivered' as const),
      clockWrong: header.hlc.wallMs > stored.storedAt + limits.clockAheadMs || header.hlc.wallMs < firstPossibleMs,
    }
    return { ...shown, ...this.#open(scope, stored) }
  }

  #open(
    scope: ScopeState,
    { sealed, payload }: StoredEntry,
  ): Pick<Shown, 'text' | 'clientId' | 'newer' | 'unreadable'> {
    const blank = { text: '', clientId: '', newer: false, unreadable: false }
    const key = sealed.header.epoch === undefined ? undefined : scope.keys.get(sealed.header.epoch)
    if (sealed.header.version !== 1 || sealed.header.lifetime > 0) return { ...blank, newer: true }
    if (key === undefined || payload === undefined) return { ...blank, unreadable: true }
    try {
      const { text, clientId, type } = readContent(openPayload(key, sealed, payload))
      return { text, clientId, newer: type !== contentTypes.text, unreadable: false }
    } catch (error) {
      // Its author sealed or encoded it wrongly: shown as a message that cannot be read, never as none.
      if (error instanceof WarrenError) return { ...blank, unreadable: true }
      throw error
    }
  }
}

interface Found {
  readonly feed: FeedState
  readonly stored: StoredEntry
  readonly order: string
}

/** The numbers to read from so that all messages of the cursor's clock reading are among the rows. */
function startOf(cursor: string, forward: boolean): number[] {
  const { wallMs, count } = readOrderKey(cursor).hlc
  return forward ? [wallMs, count] : [wallMs, count + 1]
}

const isPast = (out: readonly { order: string }[], limit: number): boolean =>
  out.length > limit && out[limit]?.order.slice(0, 16) !== out.at(-1)?.order.slice(0, 16)

/** The order key of a stored entry. */
export function orderOf({ sealed: { header } }: StoredEntry): string {
  return orderKey({ hlc: header.hlc, device: header.device, generation: header.generation, seq: header.seq })
}

/** Whether an entry is a message that people see. */
export const isMessage = ({ sealed: { header } }: StoredEntry): boolean =>
  header.lane === lanes.messages && header.kind !== kinds.closeGeneration && header.kind !== kinds.erase
