/**
 * A group's roster as it changes with each operation, and what follows from it. Whoever takes something back throws it away: it
 * is made anew when it is asked for.
 */

import { GroupEnds, type FeedEnd } from '../../protocol/group-ends.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import type { Feed } from '../../protocol/entry.ts'
import type { ConversationId, DeviceId, EntryId, EpochId, PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Operation } from '../../protocol/operation.ts'
import type { PersonState } from '../../protocol/roster.ts'
import { deviceNoticeOf, isEnding, isJoining, noticeOf, Notices, type GroupNotice } from './notices.ts'

export type EpochOperation = Extract<Operation, { readonly kind: 'epoch' }>

export interface Logs {
  readonly persons: () => Iterable<PersonId>
  readonly logOf: (person: PersonId) => readonly LoggedOperation[]
  readonly stateOf: (person: PersonId) => PersonState
}

export class LiveGroup {
  readonly roster: GroupRoster
  readonly notices = new Notices()
  /** Counts changes: what rests on the roster holds while it stays. */
  version = 0
  readonly #logs: Logs
  readonly #known = new Map<EntryId, LoggedOperation>()
  readonly #epochs = new Map<EpochId, EpochOperation[]>()
  #taken = 0
  /** Lines that came since news() was asked for; undefined if all of them may be others. */
  #fresh: string[] | undefined
  /** What was found of one device, for one version. */
  #kept: { readonly version: number; readonly device: DeviceId; readonly epochs: Map<EpochId, boolean> } | undefined
  /** What shut somebody out, for one version. */
  #partings: { readonly version: number; readonly byPerson: Map<PersonId, readonly EntryId[]> } | undefined
  #ends: { readonly version: number; readonly ends: GroupEnds } | undefined

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
    for (const each of fresh) {
      this.#known.set(each.id, each)
      if (each.operation?.kind !== 'epoch') continue
      const { epoch } = each.operation
      this.#epochs.set(epoch, [...(this.#epochs.get(epoch) ?? []), each.operation])
    }
    this.#give(fresh)
    this.#changed()
  }

  /** What too much of waits is let go, and given once more when what it names has come. */
  #give(operations: readonly LoggedOperation[]): void {
    let next = operations
    do {
      this.roster.take(next)
      next = this.roster.again().flatMap((id) => this.#known.get(id) ?? [])
    } while (next.length > 0)
  }

  /** Something is new in the log of a person. */
  learn(person: PersonId): void {
    this.roster.learn(person, this.#logs.logOf(person))
    this.#give([])
    this.#changed()
    this.#noteDevices(person)
  }

  /** Order keys of lines that came and went since the last call for this scope, which remembers what was told. */
  news(scope: { told: Set<string> | undefined }): { came: string[]; gone: string[] } {
    const { told } = scope
    if (told !== undefined && this.#fresh !== undefined) {
      const came = this.#fresh.filter((order) => !told.has(order))
      for (const order of came) told.add(order)
      this.#fresh = []
      return { came, gone: [] }
    }
    const now = new Set(this.notices.orders())
    scope.told = now
    this.#fresh = []
    if (told === undefined) return { came: [], gone: [] }
    return { came: [...now].filter((each) => !told.has(each)), gone: [...told].filter((each) => !now.has(each)) }
  }

  /** The operations that name an epoch. */
  epochOperations(epoch: EpochId): readonly EpochOperation[] {
    return this.#epochs.get(epoch) ?? []
  }

  /** An operation that is here, whether it counts or not. */
  operation(id: EntryId): LoggedOperation | undefined {
    return this.#known.get(id)
  }

  /** What shut somebody out; none for who belongs. */
  partings(person: PersonId): readonly EntryId[] {
    if (this.#partings?.version !== this.version) this.#partings = { version: this.version, byPerson: new Map() }
    const { byPerson } = this.#partings
    const known = byPerson.get(person) ?? this.roster.partings(person)
    byPerson.set(person, known)
    return known
  }

  /** The end of a feed of messages. */
  endOf(feed: Pick<Feed, 'device' | 'generation'>): FeedEnd {
    if (this.#ends?.version !== this.version) this.#ends = { version: this.version, ends: new GroupEnds(this.roster) }
    return this.#ends.ends.of(feed)
  }

  #changed(): void {
    this.version += 1
    const changes = this.roster.changes()
    if (changes !== undefined) {
      for (const id of changes) this.#note(this.#known.get(id))
      return
    }
    this.notices.clear()
    this.#fresh = undefined
    for (const each of this.roster.counting()) this.#note(each)
    for (const person of this.#logs.persons()) this.#noteDevices(person)
  }

  #note(logged: LoggedOperation | undefined): void {
    const notice = logged === undefined ? undefined : noticeOf(logged, this.roster)
    if (notice !== undefined && this.notices.add(notice)) this.#fresh?.push(notice.order)
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
    for (const each of found) if (isWithin(each) && this.notices.add(each)) this.#fresh?.push(each.order)
  }

  /** Whether an epoch is known whose key a device may not have. */
  isKeptFrom(device: DeviceId, epoch: EpochId): boolean {
    if (this.#kept?.version !== this.version || this.#kept.device !== device)
      this.#kept = { version: this.version, device, epochs: new Map() }
    const { epochs } = this.#kept
    let isKept = epochs.get(epoch)
    if (isKept === undefined) {
      isKept = this.roster.epochs.has(epoch) && !this.roster.mayHaveKey(device, epoch)
      epochs.set(epoch, isKept)
    }
    return isKept
  }
}
