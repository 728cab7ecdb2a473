/** Mends the files of a database that does not open or cannot be read through; as they were they are kept beside it. */

import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { errorCode } from '../../protocol/errors.ts'
import { syncFolder } from './durable-file.ts'
import { homePaths, prepareHome } from './home.ts'
import { decodeKey } from './keys.ts'
import { openDatabase, type Database } from './level-engine.ts'
import { openError, storageError } from './storage-error.ts'

export interface Mended {
  /** LevelDB had to put its files together anew. */
  readonly rebuilt: boolean
  /** Rows whose keys mean nothing. */
  readonly strays: number
}

/** Of classic-level, which `level` is outside of browsers and does not tell of. */
interface Repairing {
  repair(location: string): Promise<void>
}

/** LevelDB never changes a table that it has written: a second name keeps it. */
const isTable = (name: string): boolean => /\.(?:ldb|sst)$/.test(name)

/** Keeps the database as it is now beside it, under `damaged-<number>`; answers that name. Throws STORE_FULL, HOME_UNWRITABLE. */
export async function keepCopy(home: string): Promise<string> {
  const { database } = homePaths(home)
  try {
    const taken = (await readdir(home)).flatMap((name) => /^damaged-(\d+)$/.exec(name)?.[1] ?? [])
    const name = `damaged-${Math.max(0, ...taken.map(Number)) + 1}`
    const copy = join(home, name)
    await mkdir(copy, { mode: 0o700 })
    for (const each of await readdir(database, { withFileTypes: true })) {
      if (!each.isFile() || each.name === 'LOCK') continue
      const [from, to] = [join(database, each.name), join(copy, each.name)]
      if (isTable(each.name)) await link(from, to).catch(async () => await copyFile(from, to, constants.COPYFILE_EXCL))
      else await copyFile(from, to, constants.COPYFILE_EXCL)
    }
    await syncFolder(copy)
    await syncFolder(home)
    return name
  } catch (cause) {
    throw openError(cause)
  }
}

/** Whether every row can be walked over. Nobody else may have the home open. Throws as mendDatabase(), but for STORE_DAMAGED. */
export async function canBeRead(home: string): Promise<boolean> {
  try {
    const database = await openDatabase(homePaths(home).database)
    try {
      return (await findStrays(database)).length === 0
    } finally {
      await database.close()
    }
  } catch (cause) {
    const error = storageError(cause)
    if (error.code !== 'STORE_DAMAGED') throw error
    return false
  }
}

/**
 * Resolves when every row of the database can be walked over. Nobody else may have the home open. Rows that LevelDB cannot read are
 * gone then, so keepCopy() comes first. Throws HOME_IN_USE, STORE_DAMAGED, STORE_FAILED, STORE_FULL.
 */
export async function mendDatabase(home: string): Promise<Mended> {
  const paths = homePaths(home)
  await prepareHome(paths)
  try {
    return { rebuilt: false, strays: await walk(paths.database) }
  } catch (error) {
    if (errorCode(error) !== 'STORE_DAMAGED') throw error
  }
  try {
    await (Level as unknown as Repairing).repair(paths.database)
  } catch (cause) {
    throw storageError(cause)
  }
  return { rebuilt: true, strays: await walk(paths.database) }
}

/** Reads every row once, and takes out those whose keys nobody ever made. */
async function walk(path: string): Promise<number> {
  const database = await openDatabase(path)
  try {
    const strays = await findStrays(database)
    await database.batch(strays.map((key) => ({ type: 'del' as const, key })))
    return strays.length
  } catch (cause) {
    throw storageError(cause)
  } finally {
    await database.close()
  }
}

/** Values are read along, for they lie in the same blocks; some at a time, so that memory stays small. */
async function findStrays(database: Database): Promise<Uint8Array[]> {
  const strays: Uint8Array[] = []
  const iterator = database.iterator({ highWaterMarkBytes: 512 * 1024 })
  try {
    for (;;) {
      const found = await iterator.nextv(1000)
      if (found.length === 0) return strays
      for (const [key] of found) if (!isOurs(key)) strays.push(key)
    }
  } finally {
    await iterator.close()
  }
}

function isOurs(key: Uint8Array): boolean {
  try {
    return key.length > 0 && decodeKey(key).length > 0
  } catch {
    return false
  }
}
