/** A roster operation as the rules of belonging take it: with the entry that carried it. */

import { entryVersion, feedOf, type Header, type SealedHeader } from './entry.ts'
import type { EntryId, Scope } from './ids.ts'
import { readOperation, type Operation } from './operation.ts'
import type { Run } from './run.ts'

/** An operation whose entry, signature and payload were checked. `operation` is undefined if a newer Warren made it. */
export interface LoggedOperation {
  readonly scope: Scope
  readonly id: EntryId
  readonly header: Header
  readonly operation: Operation | undefined
}

/** What a lane-0 entry says. Its signature and payload hash were checked. */
export const loggedOperation = (sealed: SealedHeader, payload: Uint8Array): LoggedOperation => ({
  scope: feedOf(sealed).scope,
  id: sealed.id,
  header: sealed.header,
  operation: sealed.header.version === entryVersion ? readOperation(sealed.header.kind, payload) : undefined,
})

/** The operations of these runs, as far as their payloads are there. */
export const operationsOf = (runs: readonly Run[]): LoggedOperation[] =>
  runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) => (slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [])),
  )
