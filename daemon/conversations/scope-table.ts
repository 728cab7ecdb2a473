/** Every scope of this home, read at open and kept in memory: persons' logs and conversations. */

import { encode } from '../../protocol/codec.ts'
import { lanes } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { generationOf, idBytes, type Generation, type EpochId, type PersonId, type Scope } from '../../protocol/ids.ts'
import { readOrderKey } from '../../protocol/order.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { tables, type Batch, type Store } from '../store/store.ts'
import { loadFloors, type Floor, type Floors } from './floors.ts'
import {
  readEntryRow,
  readIndexRow,
  readScopeRow,
  indexRow,
  keptOf,
  scopeRow,
  type ScopeKind,
  type ScopeRecord,
  type StoredEntry,
  type Unfinished,
} from './rows.ts'
import { loadFeeds, loadKeys } from './scope-load.ts'
import { indexKey, scopeKey, entryKey, epochKey } from './scope-keys.ts'
import { orderIn, ScopeState, type FeedState } from './scope-state.ts'
import { getUnlessShut, shut } from './shut.ts'
import { loadSilences } from './silences.ts'
import type { Staging } from './staging.ts'
import { leftOut, wholeRow } from './whole-row.ts'

export interface Found {
  readonly feed: FeedState
  readonly stored: StoredEntry
  readonly order: string
}

/** Where a row of the order index leads; `found` is undefined if nothing is there. */
export interface Listed {
  readonly feed: FeedState
  readonly seq: number
  readonly found: Found | undefined
}

export class ScopeTable {
  readonly #store: Store
  readonly #random: (length: number) => Uint8Array
  readonly #byId = new Map<Scope, ScopeState>()
  readonly #opening = new Map<Scope, Promise<ScopeState>>()
  readonly #unfinished = new Map<Scope, Unfinished>()
  #floors = new Map<number, Floors>()
  /** Removes what is left of a scope, before it is made anew; set by whoever deletes. */
  clear: (left: Unfinished) => Promise<void> = () => Promise.resolve()

  constructor(store: Store, random: (length: number) => Uint8Array) {
    this.#store = store
    this.#random = random
  }

  get(scope: Scope): ScopeState | undefined {
    return this.#byId.get(scope)
  }

  all(): IterableIterator<ScopeState> {
    return this.#byId.values()
  }

  logOf(person: PersonId): readonly LoggedOperation[] {
    return this.#byId.get(person)?.operations ?? []
  }

  /** Everybody whose log is here. */
  *persons(): Generator<PersonId> {
    for (const { record } of this.#byId.values()) if (record.kind === 'person') yield record.person
  }

  groups(): ScopeState[] {
    return [...this.#byId.values()].filter(({ record }) => record.kind === 'group')
  }

  /** Deleted, and not cleared away yet. */
  unfinished(): IterableIterator<Unfinished> {
    return this.#unfinished.values()
  }

  isUnfinished(scope: Scope): boolean {
    return this.#unfinished.has(scope)
  }

  /** Whether the disk says that the scope is being deleted. Throws as Store.get(). */
  isMarked({ number }: ScopeState): boolean {
    const row = this.#store.get(indexKey(number))
    return row !== undefined && readIndexRow(row).isDeleted
  }

  /** Takes out a scope that was marked as deleted. */
  take({ number, record, floors }: ScopeState): Unfinished {
    const left = { ...record, number }
    this.#byId.delete(record.scope)
    this.#floors.set(number, floors)
    this.#unfinished.set(record.scope, left)
    return left
  }

  /** Nothing is left of it but its floors. */
  async forget({ number, scope }: Unfinished): Promise<void> {
    await this.#store.commit((batch) => {
      // Somebody may have brought it back meanwhile.
      if (this.#opening.has(scope) || this.#byId.has(scope)) return
      batch.delete(indexKey(number))
      this.#unfinished.delete(scope)
    })
  }

  /** Reads every scope but its messages. */
  async load(): Promise<void> {
    const rows = await this.#store.range(tables.conversation)
    this.#floors = await loadFloors(this.#store)
    const read = rows.map(async ({ at, value }) => await this.#read(at[0] ?? 0, readIndexRow(value)))
    const states = (await Promise.all(read)).filter((state) => state !== undefined)
    for (const state of states) {
      // Another number would be made for it, and have no key.
      if (this.#store.numberOf(state.record.scope) !== state.number)
        throw new WarrenError('STORE_DAMAGED', 'the database lost a name: warren doctor says what can be done')
      this.#byId.set(state.record.scope, state)
    }
    await loadSilences(this.#store, states)
    await Promise.all(
      states.map(async (state) => {
        await loadFeeds(this.#store, state)
        await loadKeys(this.#store, state)
        if (state.record.kind === 'group' && (await this.#isBare(state))) this.take(state)
      }),
    )
  }

  /** A group that was begun and ended with before its first operation: cleared away like one that was deleted, so that it can come anew. */
  async #isBare({ number, feeds }: ScopeState): Promise<boolean> {
    if (feeds.size > 0) return false
    const options = { prefix: [number], under: number, limit: 1, damaged: leftOut }
    return (await this.#store.range(tables.entry, options)).length === 0
  }

  /** A scope whose own row is lost is made anew by whoever needs it, and finds its entries at peers. */
  async #read(
    number: number,
    { isDeleted, ...index }: ReturnType<typeof readIndexRow>,
  ): Promise<ScopeState | undefined> {
    // A key that is gone is a deletion, too, whose mark is not here.
    const row = isDeleted ? shut : await getUnlessShut(this.#store, scopeKey({ number }))
    if (row === shut) this.#unfinished.set(index.scope, { ...index, number })
    if (row === shut || row === undefined) return undefined
    return new ScopeState(number, readScopeRow(index, row), this.#floorsOf(number))
  }

  #floorsOf(number: number): Floors {
    const floors = this.#floors.get(number) ?? new Map<string, Floor>()
    this.#floors.set(number, floors)
    return floors
  }

  /** A stored entry of one feed. */
  entry(scope: ScopeState, feed: FeedState, seq: number): StoredEntry | undefined {
    const row = wholeRow(this.#store, entryKey(scope, feed.number, seq))
    return row === undefined ? undefined : readEntryRow(row)
  }

  /** The stored message at an order key. Throws BAD_SHAPE. */
  entryAt(scope: ScopeState, order: string): { feed: FeedState; stored: StoredEntry } | undefined {
    const { device, generation, seq } = readOrderKey(order)
    const feed = scope.feed({ scope: scope.record.scope, device, lane: lanes.messages, generation })
    const stored = feed === undefined ? undefined : this.entry(scope, feed, seq)
    return feed === undefined || stored === undefined ? undefined : { feed, stored }
  }

  /** The order key that a row of the order index stands for, as far as it can be believed. */
  orderAt(scope: ScopeState, [, wallMs = 0, count = 0, number = 0, seq = 0]: readonly number[]): string | undefined {
    const feed = scope.feedNumbered(number)
    return feed === undefined ? undefined : orderIn(feed, { hlc: { wallMs, count }, seq })
  }

  /** What a row of the order index leads to: the entry, if it is there and has that very place. */
  listed(scope: ScopeState, [, wallMs, count, number, seq]: readonly number[]): Listed | undefined {
    const feed = scope.feedNumbered(number ?? -1)
    if (feed === undefined || seq === undefined) return undefined
    const stored = this.entry(scope, feed, seq)
    if (stored === undefined) return { feed, seq, found: undefined }
    const { hlc } = stored.sealed.header
    if (hlc.wallMs !== wallMs || hlc.count !== count) return undefined
    return { feed, seq, found: { feed, stored, order: orderIn(feed, stored.sealed.header) } }
  }

  /** The scope, made durably at first use. Simultaneous calls make one. `generation`: of the first own operation, if that is made already. */
  async open(scope: Scope, kind: ScopeKind, person: PersonId, generation?: Generation): Promise<ScopeState> {
    const known = this.#byId.get(scope)
    if (known !== undefined) return known
    let opening = this.#opening.get(scope)
    if (opening === undefined) {
      opening = this.#create(scope, kind, person, generation)
      this.#opening.set(scope, opening)
    }
    try {
      return await opening
    } finally {
      this.#opening.delete(scope)
    }
  }

  async #create(
    scope: Scope,
    kind: ScopeKind,
    person: PersonId,
    generation = generationOf(this.#random(8)),
  ): Promise<ScopeState> {
    const left = this.#unfinished.get(scope)
    if (left !== undefined) await this.clear(left)
    const number = await this.#store.commit((batch) => this.#store.numberFor(batch, scope))
    await this.#store.createConversationKey(number)
    const record: ScopeRecord = {
      scope,
      kind,
      person,
      generations: [generation, generationOf(this.#random(8))],
      unread: 0,
      readUpTo: '',
      lastOrder: '',
      ...keptOf(left),
      draft: '',
      listed: kind === 'self' || (left === undefined && kind !== 'group'),
      invites: [],
      unheard: [],
    }
    const state = new ScopeState(number, record, this.#floorsOf(number))
    await this.#store.commit((batch) => {
      batch.put(indexKey(number), indexRow({ ...record, isDeleted: false }))
      batch.put(scopeKey(state), scopeRow(record))
    })
    for (const generation of record.generations) state.begun.add(generation)
    this.#unfinished.delete(scope)
    this.#byId.set(scope, state)
    return state
  }

  /** Writes a key of an epoch. */
  putKey(batch: Batch, staging: Staging, epoch: EpochId, key: Uint8Array): void {
    const { scope } = staging
    let index = scope.keys.size
    while (batch.get(epochKey(scope, index)) !== undefined) index += 1
    batch.put(epochKey(scope, index), encode([idBytes(epoch), key]))
    staging.addKey(epoch, key)
  }

  rollBack(): void {
    for (const state of this.#byId.values()) state.rollBack()
  }
}
