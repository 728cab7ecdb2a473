/** Opens the store of a home: folder, lock, keys, schema, dictionary. */

import { Dictionary } from './dictionary.ts'
import { GroupedStore } from './grouped-store.ts'
import { homePaths, markClosed, prepareHome, takeClosedMark, type HomePaths } from './home.ts'
import { openKeyring } from './keyring.ts'
import { isEmpty, LevelEngine, openDatabase, type Database } from './level-engine.ts'
import { prepareSchema, type Migration } from './schema.ts'
import { createSeal, type RandomBytes } from './seal.ts'
import { openError } from './storage-error.ts'
import type { Store } from './store.ts'

export interface StoreDeps {
  /** A CSPRNG. */
  readonly randomBytes: RandomBytes
}

export interface StoreOptions {
  /** A group takes no further commit once it holds so many bytes. Default: 1 MiB. */
  readonly groupBytes?: number
  /** Default: those of this version. */
  readonly migrations?: readonly Migration[]
}

const defaultGroupBytes = 1024 * 1024

/**
 * As many ids as LevelDB can lose from its log without a word. Their numbers may still stand in rows that were not lost, and must
 * not come to mean somebody else.
 */
const idsThatMayBeLost = 65_536

/**
 * Opens the store in the folder `home`, which is made if it is missing. Rejects with HOME_IN_USE, HOME_UNWRITABLE, STORE_NEWER,
 * STORE_DAMAGED (also if key file, keyring or database is missing), STORE_FULL or STORE_FAILED.
 */
export async function openStore(home: string, options: StoreOptions, deps: StoreDeps): Promise<Store> {
  const paths = homePaths(home)
  await prepareHome(paths)
  // The lock comes first: two first starts at once must not both make keys.
  const database = await openDatabase(paths.database)
  try {
    return await openLocked(paths, database, options, deps)
  } catch (cause) {
    await database.close()
    throw openError(cause)
  }
}

async function openLocked(
  paths: HomePaths,
  database: Database,
  options: StoreOptions,
  { randomBytes }: StoreDeps,
): Promise<Store> {
  const seal = createSeal(randomBytes)
  const empty = await isEmpty(database)
  const keyring = await openKeyring(paths, empty, { seal, randomBytes })
  const counts = { batches: 0, writes: 0, reads: 0 }
  const engine = new LevelEngine({ database, keyring, seal, counts, markClosed: () => markClosed(paths) })
  const storeId = await prepareSchema({ engine, randomBytes }, empty, options.migrations)
  const closedCleanly = (await takeClosedMark(paths)) || empty
  const dictionary = new Dictionary()
  await dictionary.load(engine, closedCleanly ? 0 : idsThatMayBeLost)
  counts.reads = 0
  return new GroupedStore(
    { engine, dictionary, counts },
    { storeId, closedCleanly, groupBytes: options.groupBytes ?? defaultGroupBytes },
  )
}
