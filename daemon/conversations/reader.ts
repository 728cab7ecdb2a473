/** Reads stored messages for the owner: one by one and in pages. */

import type { BlobReference } from '../../protocol/blob.ts'
import { contentTypes, readContent, type Content } from '../../protocol/content.ts'
import { readAttachments } from '../../protocol/content-bodies.ts'
import { entryVersion, kinds, type Header } from '../../protocol/entry.ts'
import { openPayload } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { MessageState } from '../../protocol/http-conversations.ts'
import type { EntryId, EpochId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { readOrderKey } from '../../protocol/order.ts'
import { tables } from '../store/store.ts'
import type { Core } from './core.ts'
import type { Counts } from './delivery.ts'
import { merged, shownNotice, type ShownPage } from './notice-pages.ts'
import type { GroupNotice } from './notices.ts'
import type { StoredEntry } from './rows.ts'
import { orderIn, type FeedState, type ScopeState } from './scope-state.ts'
import type { Found } from './scope-table.ts'

/** A message as this room knows it; the owner's view adds names. */
export interface Shown {
  readonly id: EntryId
  readonly order: string
  readonly from: PersonId
  readonly mine: boolean
  readonly text: string
  /** Files that belong to it. */
  readonly files: readonly BlobReference[]
  readonly at: number
  readonly feed: string
  readonly seq: number
  readonly state: MessageState
  /** Who has it, of an own message. */
  readonly counts: Counts | undefined
  readonly clientId: string
  readonly clockWrong: boolean
  readonly newer: boolean
  readonly unreadable: boolean
  /** It lies beyond the end of its feed. */
  readonly outside: boolean
  /** What it tells of a group, if it is no message. */
  readonly notice: GroupNotice | undefined
}

export interface PageAsked {
  readonly before: string | undefined
  readonly after: string | undefined
  readonly limit: number
}

/** No message is older than Warren: an earlier clock is wrong. */
const firstPossibleMs = Date.UTC(2024, 0, 1)

/** Messages that are not for the owner, before a page gives up looking behind them. */
const mostHidden = 512

export class Reader {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** Messages and notices newest first, and whether there are more on either side. */
  async page(scope: ScopeState, asked: PageAsked): Promise<ShownPage> {
    const page = await this.#messages(scope, asked)
    if (scope.record.kind !== 'group') return page
    const { notices } = this.#core.people.groupOf(scope)
    const found = notices.page(asked, asked.limit + 1).map((each) => shownNotice(each, this.#core.self.person))
    const { items, older, newer } = merged(page, found, asked)
    const [newest] = items
    const last = notices.orders().at(-1) ?? ''
    return { items, older, newer: newer || (asked.before !== undefined && newest !== undefined && newest.order < last) }
  }

  async #messages(scope: ScopeState, asked: PageAsked): Promise<ShownPage> {
    const forward = asked.after !== undefined && asked.before === undefined
    const found = await this.#rows(scope, asked, forward)
    const more = found.length > asked.limit
    const kept = found.slice(0, asked.limit)
    const items = (forward ? kept.toReversed() : kept).map(({ feed, stored }) => this.show(scope, feed, stored))
    if (forward) return { items, older: true, newer: more }
    const [newest] = items
    const { lastOrder } = scope.record
    const isAfter =
      newest === undefined ? asked.before !== undefined && asked.before <= lastOrder : newest.order < lastOrder
    return { items, older: more, newer: isAfter }
  }

  /** Up to limit + 1 messages from the cursor on. Those of one clock reading are sorted as everywhere, which keys cannot do. */
  async #rows(scope: ScopeState, asked: PageAsked, forward: boolean): Promise<Found[]> {
    const cursor = forward ? asked.after : asked.before
    const batchRows = asked.limit + 4
    let hidden = 0
    const out: Found[] = []
    let from = cursor === undefined ? undefined : startOf(cursor, forward)
    for (;;) {
      const edge = from === undefined ? {} : forward ? { after: from } : { before: from }
      const options = { prefix: [scope.number], reverse: !forward, limit: batchRows, ...edge }
      const rows = await this.#core.store.rangeIndex(tables.order, options)
      const found = this.#lookUp(scope, rows)
      const shown = found.filter(({ stored }) => !this.#isHidden(scope, stored))
      out.push(...shown.filter(({ order }) => isBeyond(order, cursor, forward)))
      hidden = shown.length === 0 ? hidden + found.length : 0
      const last = rows.at(-1)
      // A page must not end inside one clock reading, or its ties could be cut in the wrong place.
      if (last === undefined || rows.length < batchRows || isPast(out, asked.limit)) break
      // What was said before the owner came lies together: behind many that are not for them there is nothing else.
      if (hidden > mostHidden) break
      from = last.slice(1)
    }
    const sign = forward ? 1 : -1
    return out.toSorted((a, b) => (a.order < b.order ? -sign : sign)).slice(0, asked.limit + 1)
  }

  /** Written before the owner joined a group that keeps such things from newcomers. */
  #isHidden(scope: ScopeState, { sealed }: StoredEntry): boolean {
    const { epoch } = sealed.header
    if (scope.record.kind !== 'group' || epoch === undefined || scope.keys.has(epoch)) return false
    return this.#core.people.groupOf(scope).isKeptFrom(this.#core.self.device, epoch)
  }

  /** What is listed and not there was lost with a block of the disk: the rest is shown, and it is wanted again. */
  #lookUp(scope: ScopeState, rows: readonly (readonly number[])[]): Found[] {
    return rows.flatMap((at): Found[] => {
      const listed = this.#core.scopes.listed(scope, at)
      if (listed?.found !== undefined) return [listed.found]
      if (listed !== undefined) this.#core.lost(scope, listed.feed, [listed.seq])
      return []
    })
  }

  /** Order keys of the messages that are sealed under an epoch, oldest first. */
  async sealedUnder(scope: ScopeState, epoch: EpochId): Promise<string[]> {
    const minted = this.#core.people.rosterOf(scope).epochs.get(epoch)?.header.hlc
    const rows = await this.#core.store.rangeIndex(tables.order, {
      prefix: [scope.number],
      // Nothing was sealed before the key was made, give or take what clocks differ by.
      after: [Math.max(0, (minted?.wallMs ?? 0) - limits.clockAheadMs)],
    })
    return this.#lookUp(scope, rows)
      .filter(({ stored }) => stored.sealed.header.epoch === epoch)
      .map(({ order }) => order)
  }

  missingKeys(scope: ScopeState): EpochId[] {
    return missingKeysOf(this.#core, scope)
  }

  /** `content`: of a message whose content is known, so that it need not be opened. */
  show(scope: ScopeState, feed: FeedState, stored: StoredEntry, content?: Content): Shown {
    const { header, id } = stored.sealed
    const order = orderIn(feed, header)
    const from = this.#core.people.authorOf(scope, header.device) ?? scope.record.person
    const end = this.#core.ends.cutAt(this.#core.store, scope, feed, feed.durable)
    const mine = from === this.#core.self.person
    const shown = {
      id,
      order,
      from,
      mine,
      at: header.hlc.wallMs,
      feed: feed.text,
      seq: header.seq,
      ...this.#standing(scope, feed, header, mine ? order : undefined),
      outside: end !== undefined && (end === 'none' || header.seq > end.header.seq),
      notice: undefined,
      clockWrong: header.hlc.wallMs > stored.storedAt + limits.clockAheadMs || header.hlc.wallMs < firstPossibleMs,
    }
    return { ...shown, ...(content === undefined ? this.#open(scope, stored) : said(content)) }
  }

  /** How far it has come; `order`: of a message of the owner's. */
  #standing(
    scope: ScopeState,
    feed: FeedState,
    { seq, epoch }: Header,
    order: string | undefined,
  ): Pick<Shown, 'state' | 'counts'> {
    if (order === undefined) return { state: 'delivered', counts: undefined }
    const counts = this.#core.delivery.countsOf(scope, feed, { seq, epoch, order })
    return { state: counts.state, counts }
  }

  /** The files of a message that can be read. */
  filesIn(scope: ScopeState, stored: StoredEntry): readonly BlobReference[] {
    return this.#open(scope, stored).files
  }

  #open(scope: ScopeState, { sealed, payload }: StoredEntry): Said {
    const blank = { text: '', files: [], clientId: '', newer: false, unreadable: false }
    const key = sealed.header.epoch === undefined ? undefined : scope.keys.get(sealed.header.epoch)
    const { version, kind, lifetime } = sealed.header
    if (version !== entryVersion || kind !== kinds.content || lifetime > 0) return { ...blank, newer: true }
    if (key === undefined || payload === undefined) return { ...blank, unreadable: true }
    try {
      return said(readContent(openPayload(key, sealed, payload)))
    } catch (error) {
      // Its author sealed or encoded it wrongly: shown as a message that cannot be read, never as none.
      if (error instanceof WarrenError) return { ...blank, unreadable: true }
      throw error
    }
  }
}

/** The numbers to read from so that all messages of the cursor's clock reading are among the rows. */
function startOf(cursor: string, forward: boolean): number[] {
  const { wallMs, count } = readOrderKey(cursor).hlc
  return forward ? [wallMs, count] : [wallMs, count + 1]
}

const isBeyond = (order: string, cursor: string | undefined, forward: boolean): boolean =>
  cursor === undefined || (forward ? order > cursor : order < cursor)

const isPast = (out: readonly { order: string }[], limit: number): boolean =>
  out.length > limit && out[limit]?.order.slice(0, 16) !== out.at(-1)?.order.slice(0, 16)

type Said = Pick<Shown, 'text' | 'files' | 'clientId' | 'newer' | 'unreadable'>

/** A content of another type shows its fallback. Throws BAD_SHAPE, TOO_LARGE for files that cannot be read. */
function said(content: Content): Said {
  const { text, clientId, type, version } = content
  const isKnown = (type === contentTypes.text || type === contentTypes.attachments) && version <= 1
  const files = isKnown && type === contentTypes.attachments ? readAttachments(content) : []
  return { text, files, clientId, newer: !isKnown, unreadable: false }
}

/** Epochs whose keys are not here, and that this device may have. */
export function missingKeysOf({ people, self }: Pick<Core, 'people' | 'self'>, scope: ScopeState): EpochId[] {
  const missing = [...people.rosterOf(scope).epochs.keys()].filter((epoch) => !scope.keys.has(epoch))
  if (scope.record.kind !== 'group') return missing
  const group = people.groupOf(scope)
  return missing.filter((epoch) => !group.isKeptFrom(self.device, epoch))
}
