/** Opens the store of a home whose key file is there. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Store } from './store.ts'
import { Vault, type VaultDeps, type VaultOptions } from './vault.ts'

export type { VaultDeps as StoreDeps, VaultOptions as StoreOptions } from './vault.ts'

/**
 * Opens the store in the folder `home`, which is made if it is missing; close() gives up its lock. Rejects with HOME_IN_USE,
 * HOME_UNWRITABLE, LOCKED if only its owner can open it, STORE_NEWER, STORE_DAMAGED (also if key file, keyring or database is
 * missing), STORE_FULL or STORE_FAILED.
 */
export async function openStore(home: string, options: VaultOptions, deps: VaultDeps): Promise<Store> {
  const vault = await Vault.hold(home, { ...options, keepLock: false }, deps)
  try {
    const store = await vault.openByFile()
    if (store === undefined) throw new WarrenError('LOCKED', 'the home is locked: it needs its passphrase')
    return store
  } catch (error) {
    await vault.close()
    throw error
  }
}
