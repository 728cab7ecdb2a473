/**
 * Who belongs to a group: a pure, order-free function of the set of its operations and of the logs of the persons whom they
 * name. It may be fed piece by piece, in any order, and is the same at the end; an operation costs little in the common case,
 * that it has seen those that it concerns.
 */

import { GroupArrivals } from './group-arrivals.ts'
import { GroupChances } from './group-chances.ts'
import { GroupFences } from './group-fences.ts'
import { GroupJudge } from './group-judge.ts'
import { GroupLog, type Placed } from './group-log.ts'
import { readGroupSettings, type GroupSettings } from './group-settings.ts'
import { partingsOf } from './group-partings.ts'
import { GroupSettling } from './group-settling.ts'
import type { FeedStanding, GroupState, InviteState } from './group-state.ts'
import { isSound } from './group-soundness.ts'
import { GroupStanding } from './group-standing.ts'
import { GroupView } from './group-view.ts'
import type { ConversationId, DeviceId, EntryId, EpochId, Generation, PersonId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Head } from './operation-parts.ts'
import { areSame, type RosterState } from './roster.ts'

export class GroupRoster implements GroupState {
  readonly #scope: ConversationId
  readonly #known = new Map<EntryId, LoggedOperation>()
  #arrivals = new GroupArrivals()
  #log: GroupLog
  #standing: GroupStanding
  #judge: GroupJudge
  #chances: GroupChances
  #fences: GroupFences
  #settling: GroupSettling
  #view: GroupView
  #settled = 0
  /** Found when somebody asks; forgotten with each operation. */
  #settings: GroupSettings | undefined
  #root: { readonly is: PersonId | undefined } | undefined
  #begun: EntryId[] = []
  #isAnew = false

  constructor(scope: ConversationId) {
    this.#scope = scope
    this.#log = new GroupLog(scope)
    this.#standing = new GroupStanding(this.#log)
    this.#judge = new GroupJudge(this.#log, this.#standing)
    this.#chances = new GroupChances(this.#log)
    this.#fences = new GroupFences(this.#log, this.#chances)
    this.#settling = this.#newSettling()
    this.#view = new GroupView(this.#log, this.#standing)
  }

  #newSettling(): GroupSettling {
    return new GroupSettling({
      log: this.#log,
      standing: this.#standing,
      judge: this.#judge,
      fences: this.#fences,
    })
  }

  /**
   * Takes operations whose entries were checked; those of other scopes and those that are known are passed over. Returns those
   * that it lets go, since too much waits for what is not here: they have to be given again, once again() names them.
   */
  take(operations: readonly LoggedOperation[]): readonly LoggedOperation[] {
    const fresh = operations.filter(({ scope, id }) => scope === this.#scope && !this.#known.has(id))
    for (const each of fresh) this.#known.set(each.id, each)
    this.#place(fresh)
    const gone = this.#arrivals.letGo(fresh)
    for (const { id } of gone) this.#known.delete(id)
    return gone
  }

  /** Takes a person's log, or what is new of it. */
  learn(person: PersonId, operations: readonly LoggedOperation[]): void {
    const { ids, fillsGap } = this.#log.people.learn(person, operations)
    if (fillsGap) {
      this.#begin()
      return
    }
    if (ids.length === 0) return
    this.#view.refresh(person)
    this.#place(ids.flatMap((id) => this.#arrivals.release(id)))
  }

  /** Places and judges operations, and those that waited for them. */
  #place(operations: readonly LoggedOperation[]): void {
    this.#settings = undefined
    this.#root = undefined
    const placed: Placed[] = []
    let mustSettle = false
    const queue = operations.toReversed()
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (this.#log.has(next.id)) continue
      const missing = this.#log.missingOf(next)
      if (missing !== undefined) {
        this.#arrivals.wait(next, missing, this.#log.people.personOf(next.header.device) ?? 'nobody')
        continue
      }
      const each = this.#log.place(next)
      placed.push(each)
      this.#chances.place(each)
      if (this.#fences.place(each) || this.#isRace(each)) mustSettle = true
      queue.push(...this.#arrivals.release(next.id))
    }
    if (mustSettle) this.#settle()
    else for (const { number } of placed) this.#judgeOne(number)
  }

  #judgeOne(number: number): void {
    this.#settling.judgeOne(number)
    if (!this.#standing.counting.has(number)) return
    this.#view.apply(number)
    this.#begun.push(this.#log.at(number).id)
  }

  /** Whether an invite with a bound was used twice by people who did not know of each other: then who came first matters. */
  #isRace({ operation, number }: Placed): boolean {
    if (operation?.kind !== 'admit' || !this.#chances.mayCount(number)) return false
    const made = this.#log.numberOf(operation.invite)
    const invite = made === undefined ? undefined : this.#log.at(made).operation
    if (invite?.kind !== 'invite' || invite.uses === 0) return false
    const others = this.#log.admits.of(operation.invite).filter((each) => this.#chances.mayCount(each))
    return others.some((each) => this.#log.index.areConcurrent(each, number))
  }

  #settle(): void {
    this.#settled += 1
    this.#isAnew = true
    this.#settling.settle()
    this.#view.rebuild()
  }

  /** Begins anew with all that is known. */
  #begin(): void {
    this.#isAnew = true
    const logs = this.#log.people.logs()
    this.#arrivals = new GroupArrivals(this.#arrivals.gone)
    this.#log = new GroupLog(this.#scope)
    this.#standing = new GroupStanding(this.#log)
    this.#judge = new GroupJudge(this.#log, this.#standing)
    this.#chances = new GroupChances(this.#log)
    this.#fences = new GroupFences(this.#log, this.#chances)
    this.#settling = this.#newSettling()
    this.#view = new GroupView(this.#log, this.#standing)
    for (const [person, log] of logs) this.#log.people.learn(person, log)
    this.#place([...this.#known.values()])
  }

  get members(): RosterState['members'] {
    return this.#view.members
  }

  get devices(): ReadonlySet<DeviceId> {
    return this.#view.devices
  }

  get posters(): ReadonlySet<DeviceId> {
    return this.closed ? new Set() : this.#view.posters
  }

  get cutOffs(): RosterState['cutOffs'] {
    return this.#view.cutOffs
  }

  get epochs(): RosterState['epochs'] {
    return this.#view.epochs.states
  }

  get closed(): boolean {
    return this.#standing.isClosed(undefined)
  }

  get heads(): readonly Head[] {
    return this.#log.tips
  }

  get root(): PersonId | undefined {
    this.#root ??= { is: this.#findRoot() }
    return this.#root.is
  }

  #findRoot(): PersonId | undefined {
    const root = this.#standing.root(undefined)
    return root !== undefined && this.#standing.isRoot(root.person, undefined) ? root.person : undefined
  }

  get settings(): GroupSettings {
    this.#settings ??= readGroupSettings((name) => this.#standing.setting(name, undefined) ?? '')
    return this.#settings
  }

  get invites(): readonly InviteState[] {
    return this.#standing.seen(this.#log.ofKind.of('invite'), undefined).flatMap((number) => {
      const { operation, id, author } = this.#log.at(number)
      if (operation?.kind !== 'invite' || author === undefined) return []
      const { role, uses, expiresAt } = operation
      const used = this.#standing.seen(this.#log.admits.of(id), undefined).length
      const isOpen = this.#standing.isOpen(number, undefined, 0)
      return isOpen ? [{ id, by: author, role, uses, used, expiresAt }] : []
    })
  }

  /** Whether an operation is known and counts. */
  counts(id: EntryId): boolean {
    const number = this.#log.numberOf(id)
    return number !== undefined && this.#standing.counting.has(number)
  }

  /** Whom an operation speaks for; undefined while it waits, and for a stranger's. */
  authorOf(id: EntryId): PersonId | undefined {
    const number = this.#log.numberOf(id)
    return number === undefined ? undefined : this.#log.at(number).author
  }

  /** What shut somebody out who was a member or invited. */
  partings(person: PersonId): EntryId[] {
    return partingsOf(person, this.#parts).map((number) => this.#log.at(number).id)
  }

  get #parts(): Parameters<typeof isSound>[1] {
    const mayCount = (number: number): boolean => this.#chances.mayCount(number)
    return { log: this.#log, standing: this.#standing, fences: this.#fences, mayCount }
  }

  /** Every operation that counts, causes first. */
  counting(): LoggedOperation[] {
    return this.#log.all.filter(({ number }) => this.#standing.counting.has(number))
  }

  /** What began to count since the last call; undefined if anything may have begun or ceased to. */
  changes(): readonly EntryId[] | undefined {
    const changes = this.#isAnew ? undefined : this.#begun
    this.#begun = []
    this.#isAnew = false
    return changes
  }

  /** Which messages of a feed count. */
  standingOf(device: DeviceId, generation: Generation): FeedStanding {
    const ends = this.cutOffs.filter((each) => each.device === device && each.generation === generation)
    if (ends.length > 0) return { upTo: ends.flatMap(({ last }) => last ?? []) }
    if (this.#view.posters.has(device)) return 'all'
    return this.#view.isPending(device) ? 'all' : 'none'
  }

  /** Whether a device may be given the key of an epoch. */
  mayHaveKey(device: DeviceId, epoch: EpochId): boolean {
    if (!this.devices.has(device)) return false
    const state = this.epochs.get(epoch)
    if (state === undefined) return false
    if (this.settings.history === 'everything') return true
    const persons = this.#log.people
      .claimantsOf(device)
      .filter((person) => this.members.get(person)?.state === 'joined')
    return persons.some((person) => this.#view.epochs.hadPerson(epoch, person))
  }

  fits(epoch: EpochId): boolean {
    const recipients = this.epochs.get(epoch)?.recipients
    if (recipients === undefined || !areSame(recipients, this.devices)) return false
    return this.#view.epochs.numbersOf(epoch).every((number) => isSound(number, this.#parts))
  }

  /** What a new operation has to name so that it has seen everything. More than fit into one go into several. */
  get news(): readonly Head[] {
    return this.newsWith([])
  }

  /** As news, with what is new of the logs of `others`, who have not joined: whom the operation concerns, or its author. */
  newsWith(others: readonly PersonId[]): readonly Head[] {
    const joined = [...this.members.values()].flatMap(({ person, state }) => (state === 'joined' ? [person] : []))
    const persons = new Set([...joined, ...others])
    return [...this.heads, ...[...persons].flatMap((person) => this.#log.people.unnamedHeads(person))]
  }

  /** What is waited for before more can be judged: operations of the group and of persons' logs. */
  get missing(): readonly Head[] {
    return this.#arrivals.missing
  }

  /** What was let go, and has come to be of use since; told once. */
  again(): readonly EntryId[] {
    return this.#arrivals.again()
  }

  /** What was done so far: operations judged, looks at who has seen what, and times that all was judged anew. */
  get work(): { readonly judged: number; readonly looks: number; readonly settled: number } {
    return { judged: this.#judge.judged, looks: this.#log.index.looks, settled: this.#settled }
  }
}
