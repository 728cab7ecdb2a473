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

const read = new WeakMap<SealedHeader, LoggedOperation>()

/**
 * What a lane-0 entry says. Its signature and payload hash were checked. One object for one header, since what comes is judged before
 * it is stored and again with what is here: what was found out about its proofs is remembered by it.
 */
export function loggedOperation(sealed: SealedHeader, payload: Uint8Array): LoggedOperation {
  const known = read.get(sealed)
  if (known !== undefined) return known
  const { id, header } = sealed
  const operation = header.version === entryVersion ? readOperation(header.kind, payload) : undefined
  const logged = { scope: feedOf(sealed).scope, id, header, operation }
  read.set(sealed, logged)
  return logged
}

/** The operations of these runs, as far as their payloads are there. */
export const operationsOf = (runs: readonly Run[]): LoggedOperation[] =>
  runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) => (slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [])),
  )
