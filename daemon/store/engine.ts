/** What lies under the group commit: durable rows, opened and sealed, in LevelDB or in memory. */

import type { Key, RangeOptions, Row, Table, Tolerance } from './store.ts'

/** One write of a group; `value` undefined deletes. */
export interface Operation {
  readonly key: Key
  /** encodeKey() of `key`. */
  readonly bytes: Buffer
  readonly value: Uint8Array | undefined
}

export type SealedRangeOptions = RangeOptions & Tolerance & { readonly under?: number }

/** Every method reads what is durable and throws or rejects with WarrenErrors of the storage codes. */
export interface Engine {
  get(key: Key, bytes: Buffer): Uint8Array | undefined
  range(table: Table, options: SealedRangeOptions): Promise<Row[]>
  /** The numbers of the rows of a range, whose values stay shut. */
  numbers(table: Table, options: RangeOptions): Promise<(readonly number[])[]>
  /** Rewrites the files that hold rows below `prefix`, or held them. */
  compact(table: Table, prefix: readonly number[]): Promise<void>
  /** All or nothing, durable when it resolves. After a rejection only recover() may follow. */
  write(operations: readonly Operation[]): Promise<void>
  /** Makes writing safe again after a failed write, which may then turn out to be there. Rejects while it cannot. */
  recover(): Promise<void>
  nameNumbers(name: Uint8Array): readonly [number, number]
  hasKey(conversation: number): boolean
  createKey(conversation: number): Promise<void>
  dropKey(conversation: number): Promise<void>
  close(): Promise<void>
}
