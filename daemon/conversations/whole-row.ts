/** Rows of entries where a damaged one counts as missing: nothing is deleted, and a peer's copy takes its place. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { tables, type Batch, type IndexKey, type Key } from '../store/store.ts'

/** The row at `key`; undefined if it is not there or cannot be read for damage. Throws STORE_FAILED if the disk does not answer. */
export function wholeRow(from: Pick<Batch, 'get'>, key: Key): Uint8Array | undefined {
  try {
    return from.get(key)
  } catch (error) {
    if (errorCode(error) === 'STORE_DAMAGED') return undefined
    throw error
  }
}

/** As wholeRow(), of an index. */
export function wholeIndexed(from: Pick<Batch, 'indexed'>, key: IndexKey): readonly number[] | undefined {
  try {
    return from.indexed(key)
  } catch (error) {
    if (errorCode(error) === 'STORE_DAMAGED') return undefined
    throw error
  }
}

/** For ranges: a damaged row is left out like one that is missing. */
export const leftOut = (): void => undefined

/** The numbers of the entry's row that an error speaks of, if it says that one is damaged or gone. */
export function damagedEntry(error: unknown): readonly number[] | undefined {
  if (!(error instanceof WarrenError) || error.code !== 'STORE_DAMAGED') return undefined
  const { table, at } = (error.details ?? {}) as { table?: unknown; at?: readonly number[] }
  return table === tables.entry ? at : undefined
}
