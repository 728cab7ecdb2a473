/** Whether somebody has a database open, without a look at anything in it. */

import { Level } from 'level'
import { storageError } from './storage-error.ts'

/**
 * Throws HOME_IN_USE if somebody holds the lock of the database in `folder`. LevelDB takes the lock first; that there is a database,
 * or that there is none, is then reason enough for it to go, before it reads or removes anything.
 */
export async function checkUnused(folder: string): Promise<void> {
  const database = new Level(folder, { createIfMissing: false, errorIfExists: true })
  const error = await database.open().then(() => undefined, storageError)
  if (error?.code === 'HOME_IN_USE') throw error
}
