/** Every scope of this home, read at open and kept in memory: persons' logs and conversations. */

import { decode, encode, readArray, readBytes } from '../../protocol/codec.ts'
import { feedOf } from '../../protocol/entry.ts'
import {
  epochIdOf,
  generationOf,
  idBytes,
  type DeviceId,
  type EpochId,
  type PersonId,
  type Scope,
} from '../../protocol/ids.ts'
import { readOperation } from '../../protocol/operation.ts'
import type { LoggedOperation } from '../../protocol/roster.ts'
import { readRanges, type Range } from '../../protocol/vector.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import {
  readEntryRow,
  readFeedRow,
  readScopeRow,
  scopeRow,
  type ScopeKind,
  type ScopeRecord,
  type StoredEntry,
} from './rows.ts'
import { ScopeState } from './scope-state.ts'

export const scopeKey = (scope: ScopeState): Key => ({ table: tables.conversation, at: [scope.number] })
export const entryKey = (scope: ScopeState, feed: number, seq: number): Key => ({
  table: tables.entry,
  at: [scope.number, feed, seq],
  under: scope.number,
})
export const feedRowKey = (scope: ScopeState, feed: number): Key => ({
  table: tables.feed,
  at: [scope.number, feed],
  under: scope.number,
})
export const epochKey = (scope: ScopeState, index: number): Key => ({
  table: tables.epoch,
  at: [scope.number, index],
  under: scope.number,
})
export const holderKey = (scope: ScopeState, feed: number, device: number): Key => ({
  table: tables.peerHeld,
  at: [scope.number, feed, device],
  under: scope.number,
})

/** The operation that a stored lane-0 entry holds. */
export const loggedOf = ({ sealed, payload }: StoredEntry): LoggedOperation => ({
  scope: feedOf(sealed).scope,
  id: sealed.id,
  header: sealed.header,
  operation: payload === undefined ? undefined : readOperation(sealed.header.kind, payload),
})

export class ScopeTable {
  readonly #store: Store
  readonly #random: (length: number) => Uint8Array
  readonly #byId = new Map<Scope, ScopeState>()
  readonly #opening = new Map<Scope, Promise<ScopeState>>()

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

  /** Reads every scope but its messages. */
  async load(): Promise<void> {
    for (const { at, value } of await this.#store.range(tables.conversation)) {
      const state = new ScopeState(at[0] ?? 0, readScopeRow(value))
      this.#byId.set(state.record.scope, state)
      await this.#loadFeeds(state)
      for (const row of await this.#store.range(tables.epoch, { prefix: [state.number], under: state.number })) {
        const [epoch, key] = readArray(decode(row.value), 2)
        state.keys.set(epochIdOf(readBytes(epoch, 32)), readBytes(key, 32))
      }
    }
  }

  async #loadFeeds(state: ScopeState): Promise<void> {
    const under = { prefix: [state.number], under: state.number }
    for (const { at, value } of await this.#store.range(tables.feed, under)) {
      const number = at[1] ?? 0
      const { feed, position } = readFeedRow(state.record.scope, value)
      const made = state.addFeed(number, feed, position)
      for (const row of await this.#store.range(tables.peerHeld, { ...under, prefix: [state.number, number] })) {
        const device = this.#store.idOf(row.at[2] ?? 0)
        if (device !== undefined) made.holders.set(device as DeviceId, readHolder(row.value))
      }
      if (feed.lane !== 0) continue
      for (const row of await this.#store.range(tables.entry, { ...under, prefix: [state.number, number] })) {
        state.operations.push(loggedOf(readEntryRow(row.value)))
      }
    }
    state.durableOperations = state.operations.length
  }

  /** The scope, made durably at first use. Simultaneous calls make one. */
  async open(scope: Scope, kind: ScopeKind, person: PersonId): Promise<ScopeState> {
    const known = this.#byId.get(scope)
    if (known !== undefined) return known
    let opening = this.#opening.get(scope)
    if (opening === undefined) {
      opening = this.#create(scope, kind, person)
      this.#opening.set(scope, opening)
    }
    try {
      return await opening
    } finally {
      this.#opening.delete(scope)
    }
  }

  async #create(scope: Scope, kind: ScopeKind, person: PersonId): Promise<ScopeState> {
    const number = await this.#store.commit((batch) => this.#store.numberFor(batch, scope))
    await this.#store.createConversationKey(number)
    const record: ScopeRecord = {
      scope,
      kind,
      person,
      generations: [generationOf(this.#random(8)), generationOf(this.#random(8))],
      unread: 0,
      readUpTo: '',
      lastOrder: '',
      muted: false,
      draft: '',
    }
    const state = new ScopeState(number, record)
    await this.#store.commit((batch) => batch.put(scopeKey(state), scopeRow(record)))
    this.#byId.set(scope, state)
    return state
  }

  /** Writes a key of an epoch; `state.keys` follows when the batch is durable. */
  putKey(batch: Batch, state: ScopeState, epoch: EpochId, key: Uint8Array): void {
    let index = state.keys.size
    while (batch.get(epochKey(state, index)) !== undefined) index += 1
    batch.put(epochKey(state, index), encode([idBytes(epoch), key]))
  }

  rollBack(): void {
    for (const state of this.#byId.values()) state.rollBack()
  }
}

export const holderRow = (ranges: readonly Range[]): Uint8Array => encode([ranges])
const readHolder = (row: Uint8Array): Range[] => readRanges(readArray(decode(row), 1)[0])
