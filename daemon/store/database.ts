/** LevelDB as Warren opens it. */

import { Level } from 'level'
import { openError } from './storage-error.ts'
import { checkUnused } from './unused.ts'
import { checkWhole } from './whole.ts'

export type Database = Level<Uint8Array, Uint8Array>

export const writeBufferBytes = 4 * 1024 * 1024

const how = {
  keyEncoding: 'view',
  valueEncoding: 'view',
  // Sealed values do not compress.
  compression: false,
  writeBufferSize: writeBufferBytes,
} as const

/** Takes the lock of the database. Throws HOME_IN_USE, HOME_UNWRITABLE, STORE_FULL, STORE_DAMAGED or STORE_FAILED. */
export async function openDatabase(path: string): Promise<Database> {
  try {
    // Before there is a Level: it begins to open itself as soon as it is made.
    await checkWhole(path).catch(async () => {
      // Whoever has it open writes, renames and removes files while we look: only what nobody uses can be judged.
      await checkUnused(path)
      await checkWhole(path)
    })
    return await open(path, false)
  } catch (cause) {
    throw openError(cause)
  }
}

/** Makes one in a folder that is not there yet. Throws as openDatabase(). */
export async function newDatabase(path: string): Promise<Database> {
  try {
    return await open(path, true)
  } catch (cause) {
    throw openError(cause)
  }
}

async function open(path: string, errorIfExists: boolean): Promise<Database> {
  const database: Database = new Level(path, { ...how, errorIfExists })
  await database.open()
  return database
}

/** True if no row was ever written, or none is left. */
export async function isEmpty(database: Database): Promise<boolean> {
  return (await database.keys({ limit: 1 }).all()).length === 0
}
