/** Puts a database together anew from whatever its files still hold, without LevelDB reading one of them. */

import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeKey, keyText } from './keys.ts'
import { newDatabase, type Database } from './database.ts'
import { rowsOfLog } from './log-file.ts'
import { storageError } from './storage-error.ts'
import { tables } from './store.ts'
import { isWholeTable, rowsOfTable, type FoundRow } from './table-file.ts'

const isTable = (name: string): boolean => /\.(?:ldb|sst)$/.test(name)
const isLog = (name: string): boolean => name.endsWith('.log')
const known: ReadonlySet<number> = new Set(Object.values(tables))
const batchRows = 1000

/** Rows that were written once and never again: what is sure of them is better than what is new. */
const isWrittenOnce = (key: Uint8Array): boolean => key[0] === tables.entry

/** What LevelDB keeps for itself in a table has a key, too. */
function isOurs(key: Uint8Array): boolean {
  try {
    return known.has(key[0] ?? -1) && decodeKey(key).length > 0
  } catch {
    return false
  }
}

/**
 * Whether every table in `folder` is as it was written: LevelDB never looks, and ends the process where it finds out. Rejects with
 * what the disk says.
 */
export async function areTablesWhole(folder: string): Promise<boolean> {
  for (const name of await readdir(folder))
    if (isTable(name) && !isWholeTable(await readFile(join(folder, name)))) return false
  return true
}

/**
 * Makes a database at `to`, where nothing may be, of the rows in the files of `from`; holds about a hundred bytes in memory for each.
 * What LevelDB had not removed yet may come back, deleted as it was. Rejects with STORE_FULL, STORE_FAILED.
 */
export async function salvage(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 })
  const database = await newDatabase(to)
  try {
    const rows = new Salvaged(database)
    for (const name of (await readdir(from)).toSorted()) {
      if (!isTable(name) && !isLog(name)) continue
      const bytes = await readFile(join(from, name))
      await rows.take(isTable(name) ? rowsOfTable(bytes) : rowsOfLog(bytes))
    }
    await rows.finish()
  } catch (cause) {
    throw storageError(cause)
  } finally {
    await database.close()
  }
}

/** A row that is in the new database, or was deleted. */
type Kept = Pick<FoundRow, 'sequence' | 'isSure'>

class Salvaged {
  readonly #database: Database
  readonly #kept = new Map<string, Kept>()
  #batch: ({ type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array })[] = []

  constructor(database: Database) {
    this.#database = database
  }

  async take(rows: Iterable<FoundRow>): Promise<void> {
    for (const { key, value, sequence, isSure } of rows) {
      const text = keyText(Buffer.from(key.buffer, key.byteOffset, key.length))
      if (!isOurs(key) || !isBetter(key, { sequence, isSure }, this.#kept.get(text))) continue
      this.#kept.set(text, { sequence, isSure })
      this.#batch.push(value === undefined ? { type: 'del', key } : { type: 'put', key, value })
      if (this.#batch.length >= batchRows) await this.#write()
    }
  }

  async finish(): Promise<void> {
    await this.#write()
  }

  async #write(): Promise<void> {
    await this.#database.batch(this.#batch, { sync: true })
    this.#batch = []
  }
}

function isBetter(key: Uint8Array, row: Kept, kept: Kept | undefined): boolean {
  if (kept === undefined) return true
  if (isWrittenOnce(key) && row.isSure !== kept.isSure) return row.isSure
  return row.sequence > kept.sequence
}
