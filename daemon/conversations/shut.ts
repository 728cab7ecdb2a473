/** Tells a conversation whose key was dropped from one whose rows are damaged. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { tables, type Key, type SealedTable, type Store } from '../store/store.ts'

/** Of which rows lie under a number; what a deletion clears last comes last. */
const sealed: readonly SealedTable[] = [tables.feed, tables.entry, tables.peerHeld, tables.epoch, tables.register]
/** So many neighbours are not all damaged while the key is the one they were sealed with. */
const fewRows = 100

/**
 * Whether nothing under this number will ever open: there is no key, or another one, as in a database from before a deletion that
 * was put back beside the keyring of today. False as soon as one row opens, or where the disk cannot be read.
 */
async function isShutForGood(store: Store, number: number): Promise<boolean> {
  let isShut = false
  for (const table of sealed) {
    const damaged: (readonly number[])[] = []
    const options = { prefix: [number], under: number, limit: fewRows }
    try {
      const rows = await store.range(table, { ...options, damaged: (at) => void damaged.push(at) })
      if (rows.length > 0 || damaged.some((at) => at.length === 0)) return false
    } catch (error) {
      if (errorCode(error) === 'NO_KEY') return true
      throw error
    }
    isShut ||= damaged.length > 0
  }
  return isShut
}

export const shut = Symbol('shut for good')

/** The value that is kept of the conversation `key.under`. Throws as Store.get(), but for what is shut for good. */
export async function getUnlessShut(
  store: Store,
  key: Key & { readonly under: number },
): Promise<Uint8Array | typeof shut | undefined> {
  let found: Uint8Array | undefined
  let damage: WarrenError | undefined
  try {
    found = store.get(key)
  } catch (error) {
    if (errorCode(error) === 'NO_KEY') return shut
    if (!(error instanceof WarrenError) || error.code !== 'STORE_DAMAGED') throw error
    damage = error
  }
  if (found !== undefined) return found
  if (await isShutForGood(store, key.under)) return shut
  if (damage !== undefined) throw damage
  return undefined
}
