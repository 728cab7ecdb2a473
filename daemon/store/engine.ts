/** What lies under the group commit: durable rows, opened and sealed, in LevelDB or in memory. */

import type { IndexKey, Key, RangeOptions, Row, SealedTable, Table, Tolerance } from './store.ts'

/** One write of a group; `value` undefined deletes. */
export interface Operation {
  readonly key: Key | IndexKey
  /** encodeKey() of `key`. */
  readonly bytes: Buffer
  readonly value: Uint8Array | undefined
}

export type SealedRangeOptions = RangeOptions & Tolerance & { readonly under?: number }

/** Every method reads what is durable and throws or rejects with WarrenErrors of the storage codes. */
export interface Engine {
  /** `bytes`: encodeKey() of `key`. */
  get(key: Key | IndexKey, bytes: Buffer): Uint8Array | undefined
  range(table: SealedTable, options: SealedRangeOptions): Promise<Row[]>
  /** The numbers of the rows of a range, whose values stay shut. */
  numbers(table: Table, options: RangeOptions & Tolerance): Promise<(readonly number[])[]>
  /** Rewrites the files that hold rows below `prefix`, or held them. */
  compact(table: Table, prefix: readonly number[]): Promise<void>
  /**
   * Seals a group with the keys of this moment. The function that it returns writes it: all or nothing, durable when it resolves.
   * After a rejection only recover() may follow. Throws NO_KEY.
   */
  prepare(operations: readonly Operation[]): () => Promise<void>
  /** Makes writing safe again after a failed write, which may then turn out to be there. Rejects while it cannot. */
  recover(): Promise<void>
  nameNumbers(name: Uint8Array): readonly [number, number]
  /** How many keys of conversations the keyring says were ever made. */
  keysMade(): number
  hasKey(conversation: number): boolean
  createKey(conversation: number): Promise<void>
  dropKey(conversation: number): Promise<void>
  close(): Promise<void>
}
