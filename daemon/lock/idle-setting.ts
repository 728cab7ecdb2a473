/** After how many minutes without its owner a home locks itself; kept sealed like everything else. */

import { decode, encode, readArray, readUint } from '../../protocol/codec.ts'
import { tables, type Key, type Store } from '../store/store.ts'

const idleKey: Key = { table: tables.setting, at: [4] }
const mostMinutes = 24 * 60

/** 0: never, which is what a new home does. */
export function readIdleMinutes(store: Store): number {
  const row = store.get(idleKey)
  return row === undefined ? 0 : readUint(readArray(decode(row), 1)[0], mostMinutes)
}

/** Durable when it resolves. */
export async function writeIdleMinutes(store: Store, minutes: number): Promise<void> {
  await store.commit((batch) => batch.put(idleKey, encode([minutes])))
}
