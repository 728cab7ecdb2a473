/** What proves an entry where a feed ends whose author signed further up only: the headers above it, from a signed one down. */

import { decode, encode, readArray, readBytes, readBytesUpTo, readEach } from '../../protocol/codec.ts'
import { readHeader, type SealedHeader } from '../../protocol/entry.ts'
import type { EntryId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import { tables, type Batch, type Key } from '../store/store.ts'
import { readEntryRow } from './rows.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import { entryKey } from './scope-keys.ts'
import { wholeRow } from './whole-row.ts'

/** Headers above an entry, newest first, the last one directly above it. */
export interface EndProof {
  /** Of the first. */
  readonly signature: Uint8Array
  readonly above: readonly SealedHeader[]
}

const keyOf = (scope: ScopeState, { number }: Pick<FeedState, 'number'>): Key => ({
  table: tables.end,
  at: [scope.number, number],
  under: scope.number,
})

export function putEndProof(batch: Batch, scope: ScopeState, feed: FeedState, { signature, above }: EndProof): void {
  batch.put(keyOf(scope, feed), encode([signature, above.map(({ bytes }) => bytes)]))
}

/** The run, with what proves its unsigned top put above it as headers without payload; as it is where nothing here proves it. */
export function withEndProof(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState, run: Run): Run {
  const room = limits.runEntries - run.entries.length
  const proof = keptProof(from, scope, feed, run.entries[0]?.sealed.id) ?? proofAbove(from, scope, feed, run, room)
  if (proof === undefined || proof.above.length > room) return run
  const entries = proof.above.map((sealed) => ({ sealed, slot: { is: 'missing' as const } }))
  return { signature: proof.signature, entries: [...entries, ...run.entries] }
}

/** What was kept of a feed that proves this entry. */
export function keptProof(
  from: Pick<Batch, 'get'>,
  scope: ScopeState,
  feed: FeedState,
  id: EntryId | undefined,
): EndProof | undefined {
  const row = wholeRow(from, keyOf(scope, feed))
  if (row === undefined) return undefined
  const [signature, headers] = readArray(decode(row), 2)
  const above = readEach(headers, limits.runEntries, (item) => readHeader(readBytesUpTo(item, limits.headerBytes)))
  return id !== undefined && above.at(-1)?.header.prev === id
    ? { signature: readBytes(signature, 64), above }
    : undefined
}

/** From entries that are held beyond the end: up to the first that is signed here, at most so many. */
function proofAbove(
  from: Pick<Batch, 'get'>,
  scope: ScopeState,
  feed: FeedState,
  run: Run,
  most: number,
): EndProof | undefined {
  const above: SealedHeader[] = []
  const end = run.entries[0]?.sealed.header.seq ?? 0
  for (let seq = end + 1; seq <= end + most && holds(feed.durable.ranges, seq); seq += 1) {
    const row = wholeRow(from, entryKey(scope, feed.number, seq))
    if (row === undefined) return undefined
    const { sealed, signature } = readEntryRow(row)
    above.unshift(sealed)
    if (signature !== undefined) return { signature, above }
  }
  return undefined
}
