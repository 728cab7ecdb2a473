/** What every room may ask of the disk. */

import type { ConversationId, DeviceId, PersonId } from '../../protocol/ids.ts'

/**
 * A key in plain sight: a table and local numbers. `under` says whose key seals the value: a conversation's (dropped with the
 * conversation, so that its values stay shut for ever) or, if undefined, the home's.
 */
export interface Key {
  readonly table: Table
  /** Unsigned integers below 2^48, in order of significance; keys sort by them. */
  readonly at: readonly number[]
  /** The local number of the conversation under whose key the value is sealed. */
  readonly under?: number
}

export const tables = {
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
  session: 12,
  setting: 13,
} as const
export type Table = (typeof tables)[keyof typeof tables]

export interface Row {
  readonly at: readonly number[]
  readonly value: Uint8Array
}

export interface RangeOptions {
  /** Leading numbers that all rows share. */
  readonly prefix?: readonly number[]
  /** Numbers behind the prefix; `after` and `before` are exclusive. */
  readonly after?: readonly number[]
  readonly before?: readonly number[]
  readonly reverse?: boolean
  readonly limit?: number
}

/** One state change; what it reads includes what it and earlier changes of the same group wrote. */
export interface Batch {
  get(key: Key): Uint8Array | undefined
  put(key: Key, value: Uint8Array): void
  delete(key: Key): void
}

export interface Store {
  /** Throws STORE_DAMAGED if the value does not open under its key: nothing is ever taken for missing that was not. */
  get(key: Key): Uint8Array | undefined
  /** Sealed with the key of `under`, as at put(). Rows in key order. */
  range(table: Table, options?: RangeOptions & { readonly under?: number }): Promise<Row[]>
  /**
   * Runs `build` when its group begins, in the order of the calls, and resolves with what it returned once the group's one
   * batch is durable (`sync: true`). `build` must not wait. If it throws, its own writes are left out and the promise
   * rejects with that error. If the batch cannot be written, every promise of the group rejects with STORE_FULL or
   * STORE_FAILED and `onFailed` listeners run: what rooms cached of the group must be read again.
   */
  commit<T>(build: (batch: Batch) => T): Promise<T>
  /** Called after a group could not be written; returns the function that ends the subscription. */
  onFailed(listener: () => void): () => void
  /** The small local number that stands for an id in keys; made within `batch` at first use, the same for ever after. */
  numberFor(batch: Batch, id: DictionaryId): number
  /** The number of an id that has one. */
  numberOf(id: DictionaryId): number | undefined
  /** What a number stands for. */
  idOf(number: number): DictionaryId | undefined
  /** Makes the sealing key of a conversation, durable before it resolves. Call before the first put under it. */
  createConversationKey(conversation: number): Promise<void>
  /** Drops it: the values under it stay shut for ever. */
  dropConversationKey(conversation: number): Promise<void>
  /** Counts since open, for tests and benches: batches written, operations in them, values opened. */
  readonly counts: { batches: number; writes: number; reads: number }
  close(): Promise<void>
}

/** Ids that stand as numbers in keys: persons, conversations, devices, and feeds as `feedKey` spells them. */
export type DictionaryId = PersonId | ConversationId | DeviceId | (string & { readonly __brand: 'FeedKey' })
