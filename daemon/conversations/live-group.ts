/**
 * A group's roster as it changes with each operation, and what follows from it. Whoever takes something back throws it away: it
 * is made anew when it is asked for.
 */

import { GroupRoster } from '../../protocol/group-roster.ts'
import type { Feed } from '../../protocol/entry.ts'
import type { ConversationId, DeviceId, EntryId, PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { PersonState } from '../../protocol/roster.ts'
import { deviceNoticeOf, isEnding, isJoining, noticeOf, Notices, type GroupNotice } from './notices.ts'

/** Which messages of a feed count: all, none, or those up to some, of which the ids are known. */
export type FeedEnd = 'all' | 'none' | readonly EntryId[]

export interface Logs {
  readonly persons: () => Iterable<PersonId>
  readonly logOf: (person: PersonId) => readonly LoggedOperation[]
  readonly stateOf: (person: PersonId) => PersonState
}

const feedIn = ({ device, generation }: Pick<Feed, 'device' | 'generation'>): string => `${device}/${generation}`

export class LiveGroup {
  readonly roster: GroupRoster
  readonly notices = new Notices()
  /** Counts changes: what rests on the roster holds while it stays. */
  version = 0
  readonly #logs: Logs
  readonly #known = new Map<EntryId, LoggedOperation>()
  #taken = 0
  #ends: { readonly version: number; readonly byFeed: ReadonlyMap<string, readonly EntryId[]> } | undefined

  constructor(scope: ConversationId, logs: Logs) {
    this.#logs = logs
    this.roster = new GroupRoster(scope)
    for (const person of logs.persons()) this.roster.learn(person, logs.logOf(person))
  }

  /** Takes what is new of the operations, which grow at their end alone: what came together is judged together. */
  take(operations: readonly LoggedOperation[]): void {
    if (operations.length === this.#taken) return
    const fresh = operations.slice(this.#taken)
    this.#taken = operations.length
    for (const each of fresh) this.#known.set(each.id, each)
    this.roster.take(fresh)
    this.#changed()
  }

  /** Something is new in the log of a person. */
  learn(person: PersonId): void {
    this.roster.learn(person, this.#logs.logOf(person))
    this.#changed()
    this.#noteDevices(person)
  }

  /** An operation that is here, whether it counts or not. */
  operation(id: EntryId): LoggedOperation | undefined {
    return this.#known.get(id)
  }

  /** The end of a feed of messages. */
  endOf(feed: Pick<Feed, 'device' | 'generation'>): FeedEnd {
    if (this.#ends?.version !== this.version) {
      const byFeed = new Map<string, EntryId[]>()
      for (const each of this.roster.cutOffs) {
        const ends = byFeed.get(feedIn(each)) ?? []
        byFeed.set(feedIn(each), ends)
        if (each.last !== undefined) ends.push(each.last)
      }
      this.#ends = { version: this.version, byFeed }
    }
    const ends = this.#ends.byFeed.get(feedIn(feed))
    if (ends !== undefined) return ends.length === 0 ? 'none' : ends
    return this.roster.standingOf(feed.device, feed.generation) === 'all' ? 'all' : 'none'
  }

  #changed(): void {
    this.version += 1
    const changes = this.roster.changes()
    if (changes !== undefined) {
      for (const id of changes) this.#note(this.#known.get(id))
      return
    }
    this.notices.clear()
    for (const each of this.roster.counting()) this.#note(each)
    for (const person of this.#logs.persons()) this.#noteDevices(person)
  }

  #note(logged: LoggedOperation | undefined): void {
    const notice = logged === undefined ? undefined : noticeOf(logged, this.roster)
    if (notice !== undefined) this.notices.add(notice)
  }

  /** Devices that came or went while their person belonged. */
  #noteDevices(person: PersonId): void {
    const log = this.#logs.logOf(person)
    if (log.length < 2) return
    const state = this.#logs.stateOf(person)
    const found = log.flatMap((each) => deviceNoticeOf(each, state) ?? [])
    if (found.length === 0) return
    const isIn = this.roster.members.get(person)?.state === 'joined'
    const joined = this.notices.findLast((each) => isJoining(each, person))
    const ended = isIn ? undefined : this.notices.findLast((each) => isEnding(each, person))
    const isWithin = ({ order }: GroupNotice): boolean =>
      joined !== undefined && order > joined.order && (isIn || (ended !== undefined && order < ended.order))
    for (const each of found) if (isWithin(each)) this.notices.add(each)
  }

  /** Devices whose messages count as far as their feeds have no end. */
  mayPost(device: DeviceId): boolean {
    return this.roster.posters.has(device)
  }
}
