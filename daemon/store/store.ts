/** What every room may ask of the disk. */

import type { ConversationId, DeviceId, PersonId } from '../../protocol/ids.ts'
import type { BlobFiles } from './blob-files.ts'
import type { Keepsakes } from './keepsakes.ts'

/**
 * A key in plain sight: a table and local numbers. `under` says whose key seals the value: a conversation's (dropped with the
 * conversation, so that its values stay shut for ever) or, if undefined, the home's.
 */
export interface Key {
  readonly table: SealedTable
  /** Unsigned safe integers in order of significance; rows sort by them as tuples, so [1] < [1, 0] < [2]. */
  readonly at: readonly number[]
  /** The local number of the conversation under whose key the value is sealed. */
  readonly under?: number
}

export const tables = {
  /** Rows under [0] are the store's own. */
  meta: 0,
  dictionary: 1,
  conversation: 2,
  feed: 3,
  entry: 4,
  order: 5,
  client: 6,
  peerHeld: 7,
  register: 8,
  contact: 9,
  address: 10,
  epoch: 11,
  // 12 held browser sessions once.
  setting: 13,
  /** What is kept of a conversation beside its entries, under its own key. */
  state: 14,
  /** Up to where feeds of a conversation were deleted: outlives the conversation's key. */
  floor: 15,
  /** What proves that a feed was forked. */
  fork: 16,
  /** Operations of a group at places where another one is held. */
  branch: 17,
  /** Links into groups that the owner follows. */
  join: 18,
  /** What proves the entry where a feed of a group ends. */
  end: 19,
  /** Browsers that are told while no page is open. */
  push: 20,
  /** The files of a conversation, and the hashes of their chunks. */
  blob: 21,
  chunks: 22,
  /** How this device is woken, by whom, and when it woke others. */
  wake: 23,
  /** The newest note of a wake that was taken, by device. */
  woken: 24,
} as const
export type Table = (typeof tables)[keyof typeof tables]

/**
 * Tables that only say where something lies. Their values are local numbers, like their keys, and nothing of them is sealed: a
 * reader checks what a row says against the sealed row that it leads to.
 */
export type IndexTable = typeof tables.order | typeof tables.client
export type SealedTable = Exclude<Table, IndexTable>
const indexTables: ReadonlySet<Table> = new Set<IndexTable>([tables.order, tables.client])

/** As Key, of an index. */
export interface IndexKey {
  readonly table: IndexTable
  readonly at: readonly number[]
}

export const isIndex = (table: Table): table is IndexTable => indexTables.has(table)
export const isIndexKey = (key: Key | IndexKey): key is IndexKey => isIndex(key.table)

export interface Row {
  readonly at: readonly number[]
  readonly value: Uint8Array
}

export interface RangeOptions {
  /** Leading numbers that all rows share. A row that is exactly the prefix belongs to the range. */
  readonly prefix?: readonly number[]
  /** Numbers behind the prefix, compared as tuples: [5, 1] is after [5] and not before it. Both are exclusive. */
  readonly after?: readonly number[]
  readonly before?: readonly number[]
  readonly reverse?: boolean
  readonly limit?: number
}

export interface Tolerance {
  /**
   * Called with the numbers of each row that cannot be read, which is then left out; with none where a part of the disk cannot be
   * read, of which only those rows are there that still can. Without it such a range rejects with STORE_DAMAGED.
   */
  readonly damaged?: (at: readonly number[]) => void
}

/**
 * One state change; what it reads includes what it and earlier changes of the same group wrote. Usable only while its build
 * runs: every method throws afterwards.
 */
export interface Batch {
  /** Counts the groups of this store: builds with one number are written together, or not at all. */
  readonly group: number
  /** As Store.get(). */
  get(key: Key): Uint8Array | undefined
  /** Takes `value` over: nobody may write to it any more. Throws NO_KEY if the conversation of `under` has no key. */
  put(key: Key, value: Uint8Array): void
  /** What a row of an index says; none of its numbers is proven. Throws STORE_DAMAGED if it is no list of numbers. */
  indexed(key: IndexKey): readonly number[] | undefined
  /** Puts a row into an index. */
  index(key: IndexKey, numbers: readonly number[]): void
  /** Puts a row into an index unless there is one: then it stays, and is returned. Throws as indexed(). */
  indexOnce(key: IndexKey, numbers: readonly number[]): readonly number[] | undefined
  delete(key: Key | IndexKey): void
}

export interface Store {
  /** 26 base32 letters drawn when the home was made: two copies of one home share it, two homes never do. */
  readonly storeId: string
  /** False if the last run did not reach the end of close(): the newest rows may have been lost. True for a new home. */
  readonly closedCleanly: boolean
  /**
   * What is durable; commits under way do not show. Throws STORE_DAMAGED if the value does not open under its key (nothing is
   * ever taken for missing that was not; `details` has table and numbers) and NO_KEY if that key was dropped.
   */
  get(key: Key): Uint8Array | undefined
  /** Rows in key order as they were durable at the call, sealed with the key of `under` as at put(). Errors as get(). */
  range(table: SealedTable, options?: RangeOptions & Tolerance & { readonly under?: number }): Promise<Row[]>
  /** What a row of an index says, as Batch.indexed(), as far as it is durable. */
  indexed(key: IndexKey): readonly number[] | undefined
  /** The keys of an index in order, as they were durable at the call. Throws STORE_DAMAGED. */
  rangeIndex(table: IndexTable, options?: RangeOptions & Tolerance): Promise<(readonly number[])[]>
  /**
   * Runs `build` when its group begins, in the order of the calls, and resolves with what it returned once the group's one
   * batch is durable (`sync: true`). A group begins while the one before it is written, and reads what that one wrote.
   * `build` must not wait. If it throws, its own writes are left out and the promise rejects with that error. If the batch
   * cannot be written, every promise of the group and of the one behind it rejects with STORE_FULL, STORE_DAMAGED or STORE_FAILED
   * and `onFailed` listeners run: what rooms cached of both must be read again. The next commit first mends the store, after
   * which listeners run once more. After close(): CLOSING.
   */
  commit<T>(build: (batch: Batch) => T): Promise<T>
  /**
   * Called after a group could not be written, and again when the store was mended; returns the function that ends it. `found`
   * is then the number of the group that failed if it turned out to be there after all, whole.
   */
  onFailed(listener: (found: number | undefined) => void): () => void
  /**
   * The small local number that stands for an id in keys, from 1; made within `batch` at first use and the same for ever
   * after, unless the build throws or its group fails: then the id has none, and the number may come to mean another.
   */
  numberFor(batch: Batch, id: DictionaryId): number
  /** The number of an id that has one durably; inside a build also those of the same group. */
  numberOf(id: DictionaryId): number | undefined
  /** What a number stands for, as numberOf(). */
  idOf(number: number): DictionaryId | undefined
  /**
   * 96 bits that stand for a name in keys (a client id, the key of a register): a hash under a key of the home, so that whoever
   * has the database alone cannot try names. The same for ever; two names may share numbers, if hardly ever.
   */
  nameNumbers(name: Uint8Array): readonly [number, number]
  /** Makes the sealing key of a conversation unless it has one; durable before it resolves. Call before the first put under it. */
  createConversationKey(conversation: number): Promise<void>
  /** Drops it: the values under it stay shut for ever. Builds that run from now on cannot put under it. */
  dropConversationKey(conversation: number): Promise<void>
  /**
   * Deletes every row of a table whose numbers begin with `prefix`, unopened and some at a time, and then lets the files go that
   * held them. Nobody may write there meanwhile. Rejects with the signal's reason or STORE_…: what is gone by then stays gone.
   */
  clear(table: Table, prefix: readonly number[], signal: AbortSignal): Promise<void>
  /** What must outlive a damaged database. */
  readonly keepsakes: Keepsakes
  /** Files beside the database. */
  readonly files: BlobFiles
  /** Counts since open, for tests and benches: batches written, operations in them, values opened. */
  readonly counts: { batches: number; writes: number; reads: number }
  /** Waits for commits under way, marks the home as closed and gives up its lock. */
  close(): Promise<void>
}

/** Ids that stand as numbers in keys: persons, conversations, devices, and feeds as `feedKey` spells them. */
export type DictionaryId = PersonId | ConversationId | DeviceId | (string & { readonly __brand: 'FeedKey' })
