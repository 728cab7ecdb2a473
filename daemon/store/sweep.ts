/** Looks at every row beside the entries: which of them open under no key. Entries are judged by those who know them. */

import { errorCode } from '../../protocol/errors.ts'
import { encodeKey } from './keys.ts'
import { isIndex, tables, type Key, type SealedTable, type Store, type Table } from './store.ts'

const pageRows = 1000
/** Their rows are sealed under the conversation whose number comes first. */
const underFirst: ReadonlySet<SealedTable> = new Set([
  tables.feed,
  tables.peerHeld,
  tables.epoch,
  tables.register,
  tables.state,
  tables.fork,
  tables.end,
  tables.blob,
  tables.chunks,
])

export interface SweepOptions {
  /** Takes out what does not open. Its owner keeps a copy. */
  readonly remove: boolean
  /** Tables that the caller looks at itself. */
  readonly except?: readonly SealedTable[]
  readonly signal: AbortSignal
}

const isBehind = (table: SealedTable, a: readonly number[], b: readonly number[]): boolean =>
  Buffer.compare(encodeKey(table, a), encodeKey(table, b)) > 0

/** The numbers that come first in the keys of a table: one step for each of them. */
export async function firstNumbers(store: Store, table: Table, prefix: readonly number[] = []): Promise<number[]> {
  const numbers: number[] = []
  for (let after: number[] = []; ;) {
    let found: readonly number[] | undefined
    // What does not open under the key of the home is told with its numbers, which is all that is needed.
    const damaged = (at: readonly number[]): void => {
      found ??= at
    }
    const options = { prefix, limit: 1, damaged, ...(after.length === 0 ? {} : { after }) }
    const [at] = isIndex(table)
      ? await store.rangeIndex(table, options)
      : (await store.range(table, options)).map((row) => row.at)
    const next = (at ?? found)?.[prefix.length]
    if (next === undefined) return numbers
    numbers.push(next)
    // Behind all that begins with `next`, and before the key that is `next + 1` alone.
    after = [next, Number.MAX_SAFE_INTEGER]
  }
}

/** The keys of the rows that do not open, table by table. */
async function* damagedRows(store: Store, table: SealedTable, signal: AbortSignal): AsyncGenerator<Key> {
  const scopes = underFirst.has(table) ? await firstNumbers(store, table) : [undefined]
  for (const under of scopes) {
    for (let last: readonly number[] | undefined; ;) {
      signal.throwIfAborted()
      const suspects: (readonly number[])[] = []
      const rows = await store
        .range(table, {
          limit: pageRows,
          damaged: (at) => void suspects.push(at),
          ...(under === undefined ? {} : { under, prefix: [under] }),
          ...(last === undefined ? {} : { after: last.slice(under === undefined ? 0 : 1) }),
        })
        .catch((error: unknown) => {
          // The key of a conversation that was deleted: nobody can tell what is whole.
          if (errorCode(error) === 'NO_KEY') return []
          throw error
        })
      for (const at of suspects) if (at.length > 0 && isShut(store, table, at)) yield { table, at }
      const seen = [...rows.map(({ at }) => at), ...suspects.filter((at) => at.length > 0)]
      if (seen.length === 0) break
      for (const at of seen) if (last === undefined || isBehind(table, at, last)) last = at
      if (rows.length + suspects.length < pageRows) break
    }
  }
}

/** It opens neither under the home nor under the conversation that its key begins with. */
function isShut(store: Store, table: SealedTable, at: readonly number[]): boolean {
  const [under] = at
  for (const key of [
    { table, at },
    { table, at, ...(under === undefined ? {} : { under }) },
  ]) {
    try {
      store.get(key)
      return false
    } catch (error) {
      const code = errorCode(error)
      // Of a conversation that was deleted: nobody can tell whether it is whole. Elsewhere the first number is no conversation.
      if (code === 'NO_KEY' && underFirst.has(table)) return false
      if (code !== 'NO_KEY' && code !== 'STORE_DAMAGED') throw error
    }
  }
  return true
}

/** How many rows beside the entries cannot be read. */
export async function sweep(store: Store, { remove, except = [], signal }: SweepOptions): Promise<number> {
  let count = 0
  for (const table of Object.values(tables)) {
    // Of an index there is nothing to open: entries are judged together with what lists them.
    if (table === tables.entry || isIndex(table) || except.includes(table)) continue
    const found: Key[] = []
    for await (const key of damagedRows(store, table, signal)) found.push(key)
    count += found.length
    if (remove && found.length > 0) {
      await store.commit((batch) => {
        for (const key of found) batch.delete(key)
      })
    }
  }
  return count
}
