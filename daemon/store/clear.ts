/** Deletes many rows without opening them, a bounded number at a time. */

import type { Engine } from './engine.ts'
import type { Batch, Table } from './store.ts'

/** Rows that one group deletes. */
const rowsAtOnce = 2000

export interface Clearing {
  readonly table: Table
  readonly prefix: readonly number[]
  readonly signal: AbortSignal
}

/** See Store.clear(). */
export async function clearRows(
  engine: Engine,
  commit: (build: (batch: Batch) => void) => Promise<void>,
  { table, prefix, signal }: Clearing,
): Promise<void> {
  let after: readonly number[] | undefined
  for (;;) {
    signal.throwIfAborted()
    // Behind those deleted last: LevelDB would step over the traces of all of them again.
    const edge = after === undefined ? {} : { after: after.slice(prefix.length) }
    const found = await engine.numbers(table, { prefix, limit: rowsAtOnce, ...edge })
    after = found.at(-1)
    if (after === undefined) break
    await commit((batch) => {
      for (const at of found) batch.delete({ table, at })
    })
  }
  signal.throwIfAborted()
  await engine.compact(table, prefix)
}
