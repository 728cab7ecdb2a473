/** A conversation as it stands at one moment, oldest first, with what proves it: for an export. */

import { compareOrder, entryVersion, kinds, lanes, type Feed } from '../../protocol/entry.ts'
import { openPayloadAlone, payloadKey } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { authorsAmong, authorsOf } from '../../protocol/export-authors.ts'
import { erasedBy, saidIn } from '../../protocol/export-body.ts'
import type { ExportedBody, ForkProof, OperationOf } from '../../protocol/export-format.ts'
import type { ConversationId, DeviceId, EpochId, PersonId } from '../../protocol/ids.ts'
import type { Core } from './core.ts'
import { forksOf } from './forks.ts'
import { feedsOf, type HistoryFeed, type FeedEntry, type FeedGap } from './history-feed.ts'
import { HistoryGroup, personsOf } from './history-group.ts'
import type { ScopeRecord, StoredEntry } from './rows.ts'
import { orderIn, type ScopeState } from './scope-state.ts'

/** An entry, and what it says. */
export interface HistoryEntry extends FeedEntry {
  readonly from: PersonId
  readonly body: ExportedBody
  /** Its author had lost the right to it: it is no part of the conversation. */
  readonly outside: boolean
}

/** An operation of a person's log, or of the group, with what it is of. */
export type HistoryOperation = StoredEntry & { readonly of: OperationOf }

/** A device wrote two histories: here ends what counts of this one. `closed`: it said again itself what was lost. */
export interface HistoryFork {
  readonly is: 'fork'
  readonly feed: Feed
  readonly after: number
  readonly closed: boolean
  /** What proves it was told. */
  readonly isProven: boolean
}

/** Directly behind the entry `after`: what its device wrote in another history, which cannot be in one with that. */
export interface HistoryProof {
  readonly is: 'proof'
  readonly feed: Feed
  readonly after: number
  readonly proof: ForkProof
}

export type HistoryItem = HistoryEntry | FeedGap | HistoryFork | HistoryProof

/** Entries in memory at a time, of all feeds together; so many of one feed at least and at most. */
const mostInMemory = 512
const leastPerFeed = 4
const mostPerFeed = 128

interface Cursor {
  readonly feed: HistoryFeed
  readonly pages: AsyncGenerator<(FeedEntry | FeedGap)[]>
  /** Gaps in front of the entry that is next, which is the last of these unless the feed is at its end. */
  items: (FeedEntry | FeedGap)[]
  /** What was read behind it. */
  rest: (FeedEntry | FeedGap)[]
  /** Behind which entry stands what proves its fork; read then, since it may be long. */
  readonly proofAfter: number | undefined
  isForkProven: boolean
}

export class History {
  readonly record: ScopeRecord
  /** The owner first. */
  readonly persons: readonly PersonId[]
  readonly #scope: ScopeState
  readonly #feeds: readonly HistoryFeed[]
  readonly #logs: readonly HistoryFeed[]
  readonly #authors: ReadonlyMap<DeviceId, PersonId>
  readonly #keys: ReadonlyMap<EpochId, Uint8Array>
  readonly #forks: ReadonlyMap<string, boolean>
  /** Of a group. */
  readonly group: HistoryGroup | undefined
  readonly #groupLogs: readonly HistoryFeed[]
  /** Feeds of which nothing is here any more. */
  readonly #deleted: readonly FeedGap[]

  /** What is durable when it is made is what it tells. */
  constructor(core: Core, scope: ScopeState) {
    this.#scope = scope
    const { record } = scope
    this.record = record
    const isGroup = record.kind === 'group'
    this.persons = isGroup
      ? personsOf(core, scope)
      : record.kind === 'direct'
        ? [core.self.person, record.person]
        : [core.self.person]
    const logs = this.persons.flatMap((person) => core.scopes.get(person) ?? [])
    this.#logs = logs.flatMap((log) => feedsOf(core, log, 'roster'))
    const byPerson = new Map(logs.map((log) => [log.record.person, log.durableOperations]))
    this.#authors = isGroup ? authorsAmong(byPerson) : authorsOf(byPerson)
    this.group = isGroup ? new HistoryGroup(core, scope, byPerson) : undefined
    this.#groupLogs = isGroup ? feedsOf(core, scope, 'roster') : []
    this.#feeds = feedsOf(core, scope, 'messages')
    this.#keys = new Map([...scope.keys].filter(([epoch]) => !scope.stagedKeys.has(epoch)))
    this.#forks = new Map(forksOf(core, scope).map(({ after, closed }) => [after, closed]))
    const held = new Set(this.#feeds.map(({ feed }) => feed.generation))
    this.#deleted = [...scope.floors.values()]
      .filter(({ feed }) => feed.lane === lanes.messages && !held.has(feed.generation))
      .map(({ feed, seq }): FeedGap => ({ is: 'gap', feed, first: 1, last: seq, why: 'deleted' }))
  }

  /** Whose device it is; the other person's if no log says so, as on screen. */
  personOf(device: DeviceId): PersonId {
    return this.#authors.get(device) ?? this.record.person
  }

  /** Whether a log says whose device it is. */
  isKnown(device: DeviceId): boolean {
    return this.#authors.has(device)
  }

  /** Every operation of the logs of its persons, and those of the group, some at a time. */
  async *operations(): AsyncGenerator<HistoryOperation[]> {
    for (const log of this.#logs) yield* operationsIn(log, { person: log.feed.scope as PersonId })
    const of = { group: this.record.scope as ConversationId }
    for (const log of this.#groupLogs) yield* operationsIn(log, of)
    if (this.group !== undefined) yield this.group.branches().map((stored) => ({ ...stored, of }))
  }

  /**
   * Entries as they stand on screen, but none above the one that it continues; gaps in front of what follows them. Throws
   * STORE_DAMAGED where an entry is gone from the disk, NOT_FOUND once the conversation is deleted.
   */
  async *items(): AsyncGenerator<HistoryItem> {
    for (const gap of this.#deleted) yield gap
    const most = Math.min(
      mostPerFeed,
      Math.max(leastPerFeed, Math.floor(mostInMemory / Math.max(1, this.#feeds.length))),
    )
    const cursors: Cursor[] = []
    for (const feed of this.#feeds) {
      const proofAfter = feed.proof()?.after
      const cursor: Cursor = { feed, pages: feed.pages(most), items: [], rest: [], proofAfter, isForkProven: false }
      await advance(cursor)
      cursors.push(cursor)
    }
    for (let next = pick(cursors); next !== undefined; next = pick(cursors)) {
      for (const item of next.items) {
        if (item.is === 'gap') {
          yield item
          continue
        }
        const entry = this.#entry(item)
        yield entry
        if (entry.isProven && item.stored.sealed.header.seq === next.proofAfter) yield* proofFor(next)
      }
      await advance(next)
      if (nextEntry(next) !== undefined) continue
      yield* next.items as FeedGap[]
      yield* this.#fork(next)
      cursors.splice(cursors.indexOf(next), 1)
    }
  }

  #fork({ feed: { feed, isFrozen, end }, isForkProven: isProven }: Cursor): HistoryFork[] {
    if (!isFrozen) return []
    const state = this.#scope.feed(feed)
    const closed = state !== undefined && this.#forks.get(orderIn(state, state.durable)) === true
    return [{ is: 'fork', feed, after: end, closed, isProven }]
  }

  #entry(item: FeedEntry): HistoryEntry {
    const { device } = item.feed
    // Of a device that no log names nobody could tell whose it is: what it wrote proves nothing.
    const isProven = item.isProven && this.isKnown(device)
    const outside = this.group?.isOutside(item.stored) === true
    return { ...item, isProven, outside, from: this.personOf(device), body: this.#body(item.stored) }
  }

  #body({ sealed, payload }: StoredEntry): ExportedBody {
    const { version, kind, lifetime, epoch } = sealed.header
    if (payload === undefined) return { is: 'gone' }
    if (version !== entryVersion || lifetime > 0 || kind > kinds.erase) return { is: 'newer' }
    if (kind === kinds.closeGeneration) return { is: 'close', payload }
    if (kind === kinds.erase) return { is: 'erase', payload, entries: erasedBy(payload) }
    const epochKey = epoch === undefined ? undefined : this.#keys.get(epoch)
    if (epochKey === undefined) return { is: 'unreadable' }
    try {
      const key = payloadKey(epochKey, sealed, payload)
      return { is: 'message', payload, key, said: saidIn(openPayloadAlone(key, sealed, payload)) }
    } catch (error) {
      // Its author sealed or encoded it wrongly.
      if (error instanceof WarrenError) return { is: 'unreadable' }
      throw error
    }
  }
}

async function* operationsIn(log: HistoryFeed, of: OperationOf): AsyncGenerator<HistoryOperation[]> {
  for await (const items of log.pages(mostPerFeed))
    yield items.flatMap((item) => (item.is === 'entry' ? [{ ...item.stored, of }] : []))
}

const nextEntry = ({ items }: Cursor): FeedEntry | undefined => {
  const last = items.at(-1)
  return last?.is === 'entry' ? last : undefined
}

function proofFor(cursor: Cursor): HistoryProof[] {
  const kept = cursor.feed.proof()
  if (kept === undefined) return []
  cursor.isForkProven = true
  return [{ is: 'proof', feed: cursor.feed.feed, ...kept }]
}

/** Puts the next entry of a feed, with the gaps in front of it, into `items`; at its end the gaps that are left. */
async function advance(cursor: Cursor): Promise<void> {
  const items: Cursor['items'] = []
  for (;;) {
    const item = cursor.rest.shift()
    if (item !== undefined) items.push(item)
    if (item?.is === 'entry') break
    if (item !== undefined) continue
    const page = await cursor.pages.next()
    if (page.done === true) break
    cursor.rest = page.value
  }
  cursor.items = items
}

/** The feed whose next entry comes first. */
function pick(cursors: readonly Cursor[]): Cursor | undefined {
  let best: { readonly cursor: Cursor; readonly entry: FeedEntry } | undefined
  for (const cursor of cursors) {
    const entry = nextEntry(cursor)
    if (entry === undefined) continue
    if (best === undefined || compareOrder(entry.stored.sealed.header, best.entry.stored.sealed.header) < 0)
      best = { cursor, entry }
  }
  return best?.cursor
}
