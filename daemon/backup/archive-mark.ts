/** The mark of a home that was restored from a backup: it is read, and nothing else. */

import { decode, encode, readArray, readUint } from '../../protocol/codec.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'

export const archiveKey: Key = { table: tables.setting, at: [20] }

/** `madeAt`: of the backup, epoch milliseconds. */
export const archiveRow = (madeAt: number): Uint8Array => encode([madeAt])

/** When the backup was made that this home came from; undefined for any other home. */
export function archivedAt(store: Store): number | undefined {
  const row = store.get(archiveKey)
  return row === undefined ? undefined : readUint(readArray(decode(row), 1)[0])
}

const revivedKey: Key = { table: tables.setting, at: [21] }

/** Within a batch of others: a home that the words brought back is a device like any other, and knows that it is older than what others hold. */
export function revive(batch: Batch, now: number): void {
  batch.delete(archiveKey)
  batch.put(revivedKey, encode([now]))
}

/** Whether the words brought this home back: from a backup, after it was removed, or to a person of whom nothing was here. */
export const isRevived = (store: Store): boolean => store.get(revivedKey) !== undefined
