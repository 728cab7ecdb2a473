/** Where the rows of a scope stand in the store. */

import type { Header } from '../../protocol/entry.ts'
import { tables, type IndexKey, type Key } from '../store/store.ts'
import type { ScopeState } from './scope-state.ts'

export const indexKey = (number: number): Key => ({ table: tables.conversation, at: [number] })
export const scopeKey = ({ number }: Pick<ScopeState, 'number'>): Key & { readonly under: number } => ({
  table: tables.state,
  at: [number],
  under: number,
})
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

/** Where a message stands in the order index. */
export const orderRowKey = (scope: ScopeState, feed: number, { hlc, seq }: Pick<Header, 'hlc' | 'seq'>): IndexKey => ({
  table: tables.order,
  at: [scope.number, hlc.wallMs, hlc.count, feed, seq],
})
