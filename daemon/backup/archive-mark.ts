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

/** Within a batch of others: a home that comes back is a device like any other, and knows that it is older than what others hold. */
export function revive(batch: Batch, now: number): void {
  batch.delete(archiveKey)
  batch.put(revivedKey, encode([now]))
}

/** Whether this home came back: from a backup, after it was removed, or by the words to a person of whom nothing was here. */
export const isRevived = (store: Store): boolean => store.get(revivedKey) !== undefined

/** What brought a home back as who it was: with the words nobody else may be left; by consent another device of the person knows more. */
export type Return = 'words' | 'consent'
const returns: readonly Return[] = ['words', 'consent']

const returnKey: Key = { table: tables.setting, at: [22] }

/** Within a batch of others: what the owner decided, as it lies here, is of another day, and none of it was told yet. */
export const returnAs = (batch: Batch, how: Return): void => batch.put(returnKey, encode([returns.indexOf(how)]))

/** What brought this home back, until returned(). */
export function returnOf(store: Store): Return | undefined {
  const row = store.get(returnKey)
  return row === undefined ? undefined : returns[readUint(readArray(decode(row), 1)[0], returns.length - 1)]
}

/** It was told. Durable when it resolves. */
export const returned = async (store: Store): Promise<void> => await store.commit((batch) => batch.delete(returnKey))
