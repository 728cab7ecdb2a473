/** Reads into a scope what is kept in memory of it: its feeds with their operations, who holds what, and the keys of its epochs. */

import { decode, readArray, readBytes } from '../../protocol/codec.ts'
import { lanes } from '../../protocol/entry.ts'
import { epochIdOf, type DeviceId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { tables, type Store } from '../store/store.ts'
import { loadBranches } from './branches.ts'
import { loggedOf, readEntryRow, readFeedRow, readHolderRow } from './rows.ts'
import { newFeed, type ScopeState } from './scope-state.ts'
import { leftOut } from './whole-row.ts'

/** Rejects as Store.range(). */
export async function loadKeys(store: Store, { number, keys }: ScopeState): Promise<void> {
  for (const row of await store.range(tables.epoch, { prefix: [number], under: number })) {
    const [epoch, key] = readArray(decode(row.value), 2)
    keys.set(epochIdOf(readBytes(epoch, 32)), readBytes(key, 32))
  }
}

/** Rejects as Store.range(); damaged operations, and who holds what where that is damaged, are left out. */
export async function loadFeeds(store: Store, state: ScopeState): Promise<void> {
  const { number, record } = state
  const operations: LoggedOperation[] = []
  for (const { at, value } of await store.range(tables.feed, { prefix: [number], under: number })) {
    const { feed, position } = readFeedRow(record.scope, value)
    const made = newFeed(at[1] ?? 0, feed, position)
    made.isKept = true
    state.addFeed(made)
    if (feed.lane !== lanes.roster) continue
    const prefix = [number, made.number]
    for (const row of await store.range(tables.entry, { prefix, under: number, damaged: leftOut }))
      operations.push(loggedOf(readEntryRow(row.value)))
  }
  operations.push(...(await loadBranches(store, state)))
  state.operations = operations
  state.durableOperations = operations
  for (const { at, value } of await store.range(tables.peerHeld, {
    prefix: [number],
    under: number,
    damaged: leftOut,
  })) {
    const device = store.idOf(at[2] ?? 0)
    if (device !== undefined) state.feedNumbered(at[1] ?? 0)?.holders.set(device as DeviceId, readHolderRow(value))
  }
}
