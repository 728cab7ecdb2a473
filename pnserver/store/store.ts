/** What the server keeps: rows for months, and for a day at most how often somebody asked. */

import type { PaceName } from '../limits.ts'

/** By the hash of a capability: what only that capability opens. */
export interface Row {
  /** 1,024 bytes; none once it was revoked or its token is gone, so that nobody else takes its place. */
  readonly sealed: Uint8Array
  readonly revokeHash: Uint8Array
  /** The last day on which it is one. */
  readonly expiresDay: number
}

export interface RowStore {
  /** Undefined also for a row that ran out. */
  get(id: Uint8Array, today: number): Promise<Row | undefined>
  /** False, and nothing is written, if there is a row whose revoke hash is not `proof`. One that ran out does not count. */
  put(id: Uint8Array, row: Row, proof: Uint8Array | undefined, today: number): Promise<boolean>
  /** Empties a row whose revoke hash is `proof`; of any other, nothing happens. */
  revoke(id: Uint8Array, proof: Uint8Array): Promise<void>
  /** Empties a row if it still is this one. */
  clear(id: Uint8Array, sealed: Uint8Array): Promise<void>
  /** How many of `count` more are still within `most`, under a key of 32 bytes; they are taken. */
  take(key: Uint8Array, count: number, most: number, expiresDay: number): Promise<number>
  /** Removes what ran out. Returns how many rows are left. */
  sweep(today: number): Promise<number>
  close(): Promise<void>
}

/** One limit to be looked at for somebody. */
export interface Claim {
  readonly name: PaceName
  /** An address, a row's id, a token's hash: never kept as it is. */
  readonly subject: Uint8Array
}

export type Admission =
  | { readonly is: 'admitted' }
  | { readonly is: 'replayed' }
  | { readonly is: 'limited'; readonly by: PaceName; readonly retryAfterMs: number }

export interface LimitStore {
  /**
   * Counts one more against all claims and remembers the nonce, or does neither: because the nonce is known, or because one
   * claim is used up. All at once for all servers that share the store.
   */
  admit(claims: readonly Claim[], nonce: Uint8Array | undefined, nowMs: number): Promise<Admission>
  close(): Promise<void>
}

export interface PushStore {
  readonly rows: RowStore
  readonly limits: LimitStore
}
