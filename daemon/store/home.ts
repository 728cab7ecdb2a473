/** The folder that holds everything: its names, its mode, and the mark of a clean close. */

import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, syncFolder, writeDurably } from './durable-file.ts'
import { openError } from './storage-error.ts'

export interface HomePaths {
  readonly home: string
  readonly database: string
  readonly keyring: string
  readonly keyFile: string
  readonly closed: string
  readonly sessions: string
  /** A second copy of the key of this device. */
  readonly identity: string
  /** While the database is put together anew: the name of the folder that keeps it as it was. */
  readonly mending: string
  /** The folder of files, under names that say nothing. */
  readonly blobs: string
}

export const homePaths = (home: string): HomePaths => ({
  home,
  database: join(home, 'store'),
  keyring: join(home, 'keyring'),
  keyFile: join(home, 'key'),
  closed: join(home, 'closed'),
  sessions: join(home, 'sessions'),
  identity: join(home, 'identity'),
  mending: join(home, 'mending'),
  blobs: join(home, 'blobs'),
})

/** Whether a daemon ever kept its data there. */
export async function isHome(home: string): Promise<boolean> {
  const { keyring, database } = homePaths(home)
  const found = await Promise.all([keyring, database].map(async (path) => await stat(path).catch(() => undefined)))
  return found.some((each) => each !== undefined)
}

/** Makes the home, for its owner only. Throws HOME_UNWRITABLE. */
export async function prepareHome({ home, database }: HomePaths): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    const names = new Set(await readdir(home))
    // A folder with other things in it may be somebody's /tmp: what is ours in it has modes of its own.
    if (names.size === 0 || names.has('keyring')) await tighten(home, 0o700)
    await mkdir(database, { recursive: true, mode: 0o700 })
    await tighten(database, 0o700)
  } catch (cause) {
    throw openError(cause)
  }
}

/** Takes away what a file grants beyond `mode`. */
export async function tighten(path: string, mode: number): Promise<void> {
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o777 & ~mode) !== 0) await chmod(path, mode)
}

/**
 * True if the last run ended by markClosed(); the mark is durably gone afterwards. It is a file, since LevelDB may lose the
 * newest rows, and with them the row that says that the mark is gone.
 */
export async function takeClosedMark({ home, closed }: HomePaths): Promise<boolean> {
  if ((await readIfThere(closed)) === undefined) return false
  await rm(closed)
  await syncFolder(home)
  return true
}

export async function markClosed({ closed }: HomePaths): Promise<void> {
  await writeDurably(closed, new Uint8Array(0))
}
