/** Whether a daemon that ended soon after its start may have ended over a damaged table. */

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WarrenError } from '../../protocol/errors.ts'
import { readIfThere } from './durable-file.ts'
import { tablesInUse } from './file-list.ts'
import type { HomePaths } from './home.ts'
import { isCompressed, isWholeTable } from './table-file.ts'
import { checkUnused } from './unused.ts'

/** LevelDB looks through its tables in the first minutes, as it puts them together. */
export const soonMs = 10 * 60 * 1000

/**
 * Call before a database is opened. LevelDB reads past a flipped bit, or ends the process where it comes upon a key out of order, each
 * time anew. Where the last run did not end in order and began a short while ago, all tables are read through, some 60 MB a second.
 * Throws STORE_DAMAGED, HOME_IN_USE, and what the disk says.
 */
export async function checkAfterCrash({ closed, database }: HomePaths, nowMs = Date.now()): Promise<void> {
  if ((await readIfThere(closed)) !== undefined) return
  // LevelDB writes it at each opening.
  const current = join(database, 'CURRENT')
  const opened = await stat(current).catch(() => undefined)
  if (opened === undefined || Math.abs(nowMs - opened.mtimeMs) > soonMs) return
  await checkUnused(database)
  const name = Buffer.from((await readIfThere(current)) ?? [])
    .toString('latin1')
    .trim()
  const manifest = name === '' ? undefined : await readIfThere(join(database, name))
  // What is wrong with the list LevelDB says itself.
  const inUse = manifest === undefined ? undefined : numbersIn(manifest)
  if (inUse === undefined) return
  for (const file of await readdir(database)) {
    const [, number] = /^(\d+)\.(?:ldb|sst)$/.exec(file) ?? []
    if (number === undefined || !inUse.has(Number(number))) continue
    const bytes = await readFile(join(database, file))
    if (!isCompressed(bytes) && !isWholeTable(bytes))
      throw new WarrenError('STORE_DAMAGED', 'a table of the database is damaged: warren doctor --repair mends it')
  }
}

function numbersIn(manifest: Uint8Array): ReadonlySet<number> | undefined {
  try {
    return tablesInUse(manifest)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
