/** The log of every conversation and person: the one door in, and what of it a peer or the owner may have. */

import { lanes, type Feed } from '../../protocol/entry.ts'
import { compareHlc, mergeHlc } from '../../protocol/hlc.ts'
import { selfId, type DeviceId, type EpochId, type PersonId, type Scope } from '../../protocol/ids.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Run } from '../../protocol/run.ts'
import { addRange } from '../../protocol/vector.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Batch, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import { Announcer, type FilesCame } from './announcer.ts'
import { Awareness } from './awareness.ts'
import { Author, type Self } from './author.ts'
import type { Core } from './core.ts'
import { Completeness } from './completeness.ts'
import { counted } from './counted.ts'
import { Deletion } from './deletion.ts'
import { Duplicate } from './duplicate.ts'
import { Delivery } from './delivery.ts'
import { Examiner } from './examiner.ts'
import { takeLateEntries } from './late-entries.ts'
import { FeedEnds } from './feed-ends.ts'
import { GroupActions } from './group-actions.ts'
import { LateRows } from './late-rows.ts'
import { Losses } from './losses.ts'
import { OwnerGroups } from './owner-groups.ts'
import { OwnLog } from './own-log.ts'
import { OwnerView } from './owner-view.ts'
import { signOwnTops } from './own-tops.ts'
import { PeerView } from './peer-view.ts'
import { People } from './people.ts'
import { Reader } from './reader.ts'
import { Recovery } from './recovery.ts'
import { loggedOf, emptyPosition, entryRow, feedName, isMessage, type StoredEntry } from './rows.ts'
import { entryKey, orderRowKey } from './scope-keys.ts'
import { ScopeTable } from './scope-table.ts'
import { newFeed, orderIn, type FeedState, type ScopeState } from './scope-state.ts'
import { ShutOut } from './shut-out.ts'
import { Staging } from './staging.ts'
import { isNews } from './unread.ts'
import { Writer } from './writer.ts'

export interface ConversationsDeps {
  readonly store: Store
  readonly self: Self
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
}

interface Doubtful {
  /** The group of the store in which it was to be written. */
  readonly group: number
  readonly staging: Staging
  readonly from: DeviceId | undefined
}

export class Conversations {
  readonly #core: Core
  readonly #lateRows: LateRows
  readonly #losses: Losses
  readonly #announcer: Announcer
  readonly #deletion: Deletion
  readonly #writer: Writer
  /** Whether another copy of this device runs. */
  readonly duplicate: Duplicate
  /** What peers may have and bring. */
  readonly peers: PeerView
  /** What the owner sees and does. */
  readonly owner: OwnerView
  /** What the owner does in groups, and sees of them. */
  readonly groups: GroupActions
  readonly ownGroups: OwnerGroups
  /** The own person's log. */
  readonly ownLog: OwnLog
  /** Where removed devices end. */
  readonly shutOut: ShutOut
  /** Looks through all of it. */
  readonly examiner: Examiner
  /** Of groups that were not written: whether one is on the disk after all is known once the store is mended. */
  #doubtful: Doubtful[] = []

  /** Use Conversations.open(). */
  constructor(deps: ConversationsDeps, scopes: ScopeTable) {
    const { timers, self } = deps
    const people = new People(self, { logOf: (person) => scopes.logOf(person), persons: () => scopes.persons() })
    const now = (): number => timers.now()
    const delivery = new Delivery({ ...deps, people })
    this.#lateRows = new LateRows({ ...deps, alongside: (batch) => delivery.save(batch) })
    this.#core = {
      ...deps,
      now,
      scopes,
      people,
      ends: new FeedEnds(people),
      delivery,
      author: new Author(now, deps.random),
      feedState: (batch, staging, feed) => this.#feedState(batch, staging, feed),
      append: (batch, staging, feed, entries) => this.#append(batch, staging, feed, entries),
      commit: async (scope, from, build) => await this.#commit(scope, from, build),
      lost: (scope, feed, seqs) => this.#losses.found(scope, feed, seqs),
    }
    const writer = (this.#writer = new Writer(this.#core, timers))
    this.duplicate = new Duplicate(deps.store)
    this.shutOut = new ShutOut(this.#core, writer, timers)
    this.ownLog = new OwnLog(this.#core, writer, this.shutOut)
    const reader = new Reader(this.#core)
    this.#losses = new Losses(this.#core, writer)
    this.examiner = new Examiner(this.#core, async () => await this.#losses.settled())
    const awareness = this.#createAwareness(deps)
    const completeness = new Completeness(this.#core)
    this.#announcer = new Announcer(this.#core, { reader, awareness, turn: writer.turn })
    this.ownGroups = new OwnerGroups(this.#core, awareness)
    this.peers = new PeerView(
      this.#core,
      new Recovery(this.#core, writer),
      writer,
      this.#announcer,
      (scope, device, feeds) => {
        completeness.heard(scope, device, feeds)
        awareness.heard(scope, device, feeds)
        this.shutOut.heard(scope)
      },
    )
    const scopesChanged = (gone?: Scope): void => this.peers.scopesChanged(gone)
    const shared = { core: this.#core, announcer: this.#announcer, scopesChanged }
    this.#deletion = new Deletion({ ...shared, lateRows: this.#lateRows })
    this.groups = new GroupActions({ core: this.#core, writer, scopesChanged })
    this.owner = new OwnerView({
      core: this.#core,
      reader,
      writer,
      deletion: this.#deletion,
      duplicate: this.duplicate,
      completeness,
      isBlocked: (person) => this.#isBlocked(person),
      filesPosted: (id, { order, files }) => this.#announcer.filesCame(id, order, files),
    })
    deps.store.onFailed((found) => this.#storeFailed(found))
  }

  #createAwareness(deps: ConversationsDeps): Awareness {
    return new Awareness({
      ...deps,
      groupOf: (scope) => this.#core.people.groupOf(scope),
      keep: async (scope, unheard) =>
        await this.#commit(scope, undefined, (_, staging) => staging.setRecord({ ...scope.staged, unheard })),
    })
  }

  /** Reads what is in memory, checks the ends of feeds, and makes the own log and Notes to self at first start. */
  static async open(deps: ConversationsDeps, log: readonly Run[]): Promise<Conversations> {
    const scopes = new ScopeTable(deps.store, deps.random)
    await scopes.load()
    const conversations = new Conversations(deps, scopes)
    for (const { record } of scopes.all())
      if (record.kind === 'person') conversations.#core.people.refresh(record.person)
    conversations.peers.sharing.start()
    const unread = await takeLateEntries(conversations.#core, conversations.#lateRows)
    conversations.#startClock()
    await conversations.#losses.check(unread)
    conversations.#announcer.start()
    conversations.#deletion.resume()
    await conversations.duplicate.recover(conversations.#core, conversations.#writer)
    await conversations.peers.learnPerson(deps.self.person, log)
    await scopes.open(selfId(deps.self.person), 'self', deps.self.person)
    return conversations
  }

  /** Called with each message that refers to files, and with each that came to be readable only when its key came. */
  set filesCame(listener: FilesCame) {
    this.#announcer.filesCame = listener
  }

  /** Devices with a link; asked when a group needs a new key. */
  set linked(linked: () => Iterable<DeviceId>) {
    this.#writer.turn.linked = linked
  }

  /** Everything that has rows under a number and a key of its own. */
  scopes(): Scope[] {
    return [...this.#core.scopes.all()].map(({ record }) => record.scope)
  }

  /** For a copy that leaves without the key of this device. Durable when it resolves. */
  async signOwnTops(): Promise<void> {
    await signOwnTops(this.#core)
  }

  /** Writes what was left for later. */
  async close(): Promise<void> {
    await this.shutOut.close()
    await this.#deletion.close()
    await this.#losses.settled()
    await this.#lateRows.close()
    await this.#core.delivery.close()
  }

  #startClock(): void {
    const { author, self, now } = this.#core
    for (const scope of this.#core.scopes.all()) {
      for (const { feed, durable } of scope.feeds.values()) {
        const isLater = compareHlc(durable.hlc, author.hlc) > 0
        if (feed.device === self.device && isLater) author.hlc = durable.hlc
        else author.hlc = mergeHlc(author.hlc, durable.hlc, now())
      }
    }
  }

  #feedState(batch: Batch, staging: Staging, feed: Feed): FeedState {
    const known = staging.scope.feed(feed)
    if (known !== undefined) return known
    const made = newFeed(this.#core.store.numberFor(batch, feedName(feed)), feed, emptyPosition)
    staging.addFeed(made)
    return made
  }

  #append(batch: Batch, staging: Staging, feed: FeedState, entries: readonly StoredEntry[]): void {
    const first = entries[0]?.sealed.header.seq
    const last = entries.at(-1)?.sealed.header.seq
    if (first === undefined || last === undefined) return
    const { scope } = staging
    for (const each of entries) batch.put(entryKey(scope, feed.number, each.sealed.header.seq), entryRow(each))
    const newest = (first > last ? entries[0] : entries.at(-1)) as StoredEntry
    const { staged } = feed
    const { seq, hlc } = newest.sealed.header
    const low = Math.min(first, last)
    const isNext = feed.isKept && feed.feed.lane === lanes.messages && !staged.frozen && low === staged.seq + 1
    const position = {
      ...staged,
      ranges: addRange(staged.ranges, [low, Math.max(first, last)]),
      highest: Math.max(staged.highest, seq),
      ...(seq > staged.seq ? { seq, head: newest.sealed.id, hlc } : {}),
    }
    staging.setFeed(feed, position, isNext ? entries.length : 0)
    if (feed.feed.lane === lanes.messages) this.#list(batch, staging, feed, entries, first > staged.seq)
    else for (const each of entries) staging.addOperation(loggedOf(each))
  }

  /** Messages take their place on screen. `isNew`: their author wrote nothing later that is here. */
  #list(batch: Batch, staging: Staging, feed: FeedState, entries: readonly StoredEntry[], isNew: boolean): void {
    const { scope } = staging
    const author = this.#core.people.saidBy(feed.feed.device)
    const isForeign = isNews(this.#core, scope, author, (person) => this.#isBlocked(person))
    const orders: string[] = []
    for (const each of entries) {
      if (!isMessage(each)) continue
      const { header } = each.sealed
      batch.index(orderRowKey(scope, feed.number, header), [])
      const order = orderIn(feed, header)
      const isReadable = header.epoch === undefined || scope.keys.has(header.epoch)
      if (!isReadable && this.#isKept(scope, header.epoch)) continue
      orders.push(order)
      staging.addMessage(order, isReadable ? undefined : header.epoch, each)
    }
    const unseen = (order: string): void => void scope.arriving?.add(order)
    if (orders.length > 0) staging.setRecord(counted(scope.staged, { orders, isForeign, isNew, unseen }), true)
  }

  #isBlocked(person: PersonId): boolean {
    return this.peers.sharing.standings.isBlocked(person)
  }

  /** Said before the owner joined: nobody is told of it, unless they get the key after all. */
  #isKept(scope: ScopeState, epoch: EpochId | undefined): boolean {
    if (scope.record.kind !== 'group' || epoch === undefined) return false
    return this.#core.people.groupOf(scope).isKeptFrom(this.#core.self.device, epoch)
  }

  async #commit<T>(
    scope: ScopeState,
    from: DeviceId | undefined,
    build: (batch: Batch, staging: Staging) => T,
  ): Promise<T> {
    const made: { staging?: Staging; group?: number } = {}
    let result: T
    try {
      result = await this.#core.store.commit((batch) => {
        const staging = new Staging(scope)
        const built = this.#build(batch, staging, build)
        made.staging = staging
        made.group = batch.group
        return built
      })
    } catch (error) {
      const { staging, group } = made
      if (staging !== undefined && group !== undefined) this.#doubtful.push({ group, staging, from })
      throw error
    }
    const staging = made.staging as Staging
    staging.settle()
    this.#announcer.tell(staging, from)
    if (staging.changesOperations) this.shutOut.changed(scope)
    return result
  }

  #build<T>(batch: Batch, staging: Staging, build: (batch: Batch, staging: Staging) => T): T {
    const { scope } = staging
    if (scope.isGone) throw new WarrenError('NOT_FOUND', 'the conversation was deleted')
    try {
      const built = build(batch, staging)
      if (staging.changesOperations && scope.record.kind === 'person') this.#personChanged(scope, staging.takesBack)
      this.#lateRows.put(batch, staging)
      return built
    } catch (error) {
      // The store leaves this build's writes out; memory must forget them too.
      staging.undo()
      if (staging.changesOperations && scope.record.kind === 'person') this.#personChanged(scope, true)
      throw error
    }
  }

  #personChanged({ record }: ScopeState, isTakenBack: boolean): void {
    this.#core.people.forget(record.person, this.#core.scopes.all(), isTakenBack)
  }

  /** A group could not be written, or the store was mended; `found`: the group that turned out to be there, whole. */
  #storeFailed(found: number | undefined): void {
    const { scopes } = this.#core
    const there = this.#doubtful.filter(({ group }) => group === found)
    this.#doubtful = []
    scopes.rollBack()
    for (const scope of scopes.all()) this.#lateRows.doubt(scope)
    for (const { staging } of there) staging.redo()
    for (const scope of scopes.all()) if (scope.record.kind === 'person') this.#personChanged(scope, true)
    for (const { staging, from } of there) {
      staging.settle()
      this.#announcer.tell(staging, from)
    }
  }
}
