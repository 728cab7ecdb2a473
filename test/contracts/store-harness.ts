/** What the suites of the store's contract share: a home that can be opened again, and words for short. */

import type { Test } from 'tap'
import { utf8 } from '../../protocol/bytes.ts'
import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import { tables, type DictionaryId, type Key, type Store } from '../../daemon/store/store.ts'

export interface StoreHarness {
  /** Opens the one home of this harness, again and again. */
  readonly open: () => Promise<Store>
  /** Writes fail from now on with STORE_FULL, until the returned function is called. */
  readonly fill: () => Promise<() => Promise<void>>
}

export type Contract = (t: Test, harness: StoreHarness) => Promise<void>

export const key = (...at: readonly number[]): Key => ({ table: tables.entry, at })
export const under = (conversation: number, ...at: readonly number[]): Key => ({ ...key(...at), under: conversation })
export const id = (text: string): DictionaryId => text as DictionaryId
export const bytes = (text: string): Uint8Array => utf8(text)

export async function put(store: Store, at: Key, text: string): Promise<void> {
  await store.commit((batch) => {
    batch.put(at, bytes(text))
  })
}

export function textAt(store: Pick<Store, 'get'>, at: Key): string | undefined {
  const value = store.get(at)
  return value === undefined ? undefined : Buffer.from(value).toString()
}

/** The code of what `act` throws or rejects with. */
export async function codeOf(act: () => unknown): Promise<ErrorCode | 'nothing was thrown'> {
  try {
    await act()
    return 'nothing was thrown'
  } catch (error) {
    return errorCode(error)
  }
}
