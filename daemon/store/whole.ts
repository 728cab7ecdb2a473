/** Whether the files of a database are there, and can be read, that LevelDB begins with: without them it deletes the rest. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WarrenError } from '../../protocol/errors.ts'
import { readIfThere } from './durable-file.ts'

const holdsRows = /^(?:\d+\.(?:ldb|sst|log)|MANIFEST-\d+)$/
const isLog = /^\d+\.log$/
/** The list of a database that was never open, of nothing: the first thing that a first start makes, and the next open replaces. */
const firstList = 'MANIFEST-000001'

/**
 * Call before a database is opened. Measured: LevelDB takes a folder without the file CURRENT for a new database, and removes every table
 * in it as no longer needed; and a log that it cannot read it takes for one that ends there, and removes it. What is read here once
 * the system has in memory when LevelDB asks. Throws STORE_DAMAGED, and what the disk says.
 */
export async function checkWhole(folder: string): Promise<void> {
  const names = new Set(await readdir(folder))
  const holding = [...names].filter((name) => holdsRows.test(name))
  if (holding.length === 0 || (holding.every((name) => name === firstList) && !names.has('CURRENT'))) return
  const current = await readIfThere(join(folder, 'CURRENT'))
  const manifest = current === undefined ? '' : Buffer.from(current).toString('latin1').trim()
  if (!names.has(manifest) || manifest === '')
    throw new WarrenError('STORE_DAMAGED', 'the database lost its list of files')
  // LevelDB would say that the disk failed.
  if ((await readFile(join(folder, manifest))).length === 0)
    throw new WarrenError('STORE_DAMAGED', 'the list of files of the database is empty')
  for (const name of names) if (isLog.test(name)) await readFile(join(folder, name))
}
