/** Mends the files of a database that does not open or cannot be read through; as they were they are kept beside it. */

import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { utf8 } from '../../protocol/bytes.ts'
import { errorCode } from '../../protocol/errors.ts'
import { openDatabase, type Database } from './database.ts'
import { readIfThere, syncFolder, writeDurably } from './durable-file.ts'
import { homePaths, prepareHome, type HomePaths } from './home.ts'
import { decodeKey } from './keys.ts'
import { areTablesWhole, salvage } from './salvage.ts'
import { openError, storageError } from './storage-error.ts'
import { checkUnused } from './unused.ts'

export interface Mended {
  /** The files had to be put together anew. */
  readonly rebuilt: boolean
  /** Rows whose keys mean nothing. */
  readonly strays: number
}

/** LevelDB never changes a table that it has written: a second name keeps it. */
const isTable = (name: string): boolean => /\.(?:ldb|sst)$/.test(name)

/** The copy that a repair which was cut off had made. */
async function copyBegunWith({ mending }: HomePaths): Promise<string | undefined> {
  const name = await readIfThere(mending)
  return name === undefined ? undefined : Buffer.from(name).toString()
}

/**
 * Keeps the database as it is now beside it, under `damaged-<number>`; answers that name, or that of the copy from which a repair
 * that was cut off goes on. Throws STORE_FULL, HOME_UNWRITABLE.
 */
export async function keepCopy(home: string): Promise<string> {
  const { database, ...paths } = homePaths(home)
  try {
    const begun = await copyBegunWith({ database, ...paths })
    if (begun !== undefined) return begun
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

/**
 * Whether every table is as it was written, and every row can be walked over. Nobody else may have the home open. Throws as
 * mendDatabase(), but for STORE_DAMAGED.
 */
export async function canBeRead(home: string): Promise<boolean> {
  const paths = homePaths(home)
  if ((await copyBegunWith(paths)) !== undefined) return false
  try {
    if (!(await areFilesWhole(paths))) return false
    const database = await openDatabase(paths.database)
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

/** LevelDB itself must not be let near a table that is not: a key that is out of order makes it end the process. */
async function areFilesWhole({ database }: HomePaths): Promise<boolean> {
  try {
    await checkUnused(database)
    return await areTablesWhole(database)
  } catch (cause) {
    throw openError(cause)
  }
}

/**
 * Resolves when every row of the database can be walked over. Nobody else may have the home open. Rows that cannot be read are
 * gone then, so keepCopy() comes first, which gave `copy`. Throws HOME_IN_USE, STORE_DAMAGED, STORE_FAILED, STORE_FULL.
 */
export async function mendDatabase(home: string, copy: string): Promise<Mended> {
  const paths = homePaths(home)
  await prepareHome(paths)
  try {
    if ((await copyBegunWith(paths)) === undefined && (await areFilesWhole(paths)))
      return { rebuilt: false, strays: await walk(paths.database) }
  } catch (error) {
    if (errorCode(error) !== 'STORE_DAMAGED') throw error
  }
  try {
    await replaceDatabase(paths, copy)
  } catch (cause) {
    throw openError(cause)
  }
  return { rebuilt: true, strays: await walk(paths.database) }
}

/** From the copy a new database, in place of the damaged one. Cut off anywhere it is done once more, and no start comes between. */
async function replaceDatabase(paths: HomePaths, copy: string): Promise<void> {
  const { home, database, mending } = paths
  const fresh = `${database}.new`
  const isBegun = (await copyBegunWith(paths)) !== undefined
  await writeDurably(mending, utf8(copy))
  try {
    await checkUnused(database)
    await rm(fresh, { recursive: true, force: true })
    await salvage(join(home, copy), fresh)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    // Nothing was done to the damaged one, which may be good enough to start with.
    if (!isBegun) await rm(mending)
    throw error
  }
  await rm(database, { recursive: true })
  await rename(fresh, database)
  await syncFolder(home)
  await rm(mending)
  await syncFolder(home)
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
