/** A store in memory with the meaning of the real one, for simulators and tests: no clock, no threads, no randomness. */

import { WarrenError } from '../../protocol/errors.ts'
import { Dictionary, numbersThatMayBeLost } from './dictionary.ts'
import { GroupedStore } from './grouped-store.ts'
import type { MemoryDisk } from './memory-disk.ts'
import { checkKeyringAge } from './keyring-age.ts'
import { MemoryEngine } from './memory-engine.ts'
import type { Store } from './store.ts'
import type { VaultOptions } from './vault.ts'

const groupBytes = 1024 * 1024

/** Opens what lies on `disk`, as openStore() opens a home. Rejects with HOME_IN_USE. */
export async function openMemoryStore(
  disk: MemoryDisk,
  { looks = false }: Pick<VaultOptions, 'looks'> = {},
): Promise<Store> {
  if (disk.inUse) throw new WarrenError('HOME_IN_USE', 'another store uses this disk')
  disk.inUse = true
  const closedCleanly = disk.closedCleanly ?? true
  disk.closedCleanly = false
  const counts = { batches: 0, writes: 0, reads: 0 }
  const engine = new MemoryEngine(disk, counts, closedCleanly || !looks)
  await checkKeyringAge(engine)
  const dictionary = new Dictionary()
  await dictionary.load(engine, closedCleanly ? 0 : numbersThatMayBeLost)
  counts.reads = 0
  const { keepsakes, files } = disk
  return new GroupedStore(
    { engine, dictionary, counts, keepsakes, files },
    { storeId: disk.storeId, closedCleanly, groupBytes },
  )
}
