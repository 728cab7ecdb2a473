/** What proves to anybody that a device wrote two histories: headers of the other one, kept beside the feed as it is held here. */

import { decode, encode, readArray, readBytes, readBytesUpTo, readEach, readUint } from '../../protocol/codec.ts'
import { readHeader } from '../../protocol/entry.ts'
import type { ForkProof } from '../../protocol/export-format.ts'
import { limits } from '../../protocol/limits.ts'
import { tables, type Batch, type Key } from '../store/store.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { wholeRow } from './whole-row.ts'

/** A proof, and the number of the entry held here that it contradicts. */
export interface KeptProof {
  readonly after: number
  readonly proof: ForkProof
}

const keyOf = (scope: ScopeState, { number }: Pick<FeedState, 'number'>): Key => ({
  table: tables.fork,
  at: [scope.number, number],
  under: scope.number,
})

export function putProof(batch: Batch, scope: ScopeState, feed: FeedState, { after, proof }: KeptProof): void {
  batch.put(keyOf(scope, feed), encode([after, proof.signature, proof.headers.map(({ bytes }) => bytes)]))
}

/** The proof that is kept of a feed's fork; undefined if there is none, or it cannot be read for damage. Throws as Store.get(). */
export function readProof(from: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState): KeptProof | undefined {
  const row = wholeRow(from, keyOf(scope, feed))
  if (row === undefined) return undefined
  const [after, signature, headers] = readArray(decode(row), 3)
  return {
    after: readUint(after),
    proof: {
      signature: readBytes(signature, 64),
      headers: readEach(headers, limits.runEntries, (item) => readHeader(readBytesUpTo(item, limits.headerBytes))),
    },
  }
}
