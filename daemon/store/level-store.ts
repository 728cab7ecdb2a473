/** Opens the store of a home once, by the key file that is there or by what its owner knows. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Store } from './store.ts'
import type { Secret } from './slot-opener.ts'
import { Vault, type VaultDeps, type VaultOptions } from './vault.ts'

export type { VaultDeps as StoreDeps } from './vault.ts'

export interface StoreOptions extends VaultOptions {
  /** In place of the key file. */
  readonly secret?: Secret | undefined
}

/**
 * Opens the store in the folder `home`, which is made if it is missing; close() gives up its lock. Rejects with HOME_IN_USE,
 * HOME_UNWRITABLE, LOCKED if only its owner can open it, WRONG_PASSPHRASE, STORE_NEWER, STORE_DAMAGED (also if key file, keyring or database is
 * missing), STORE_FULL or STORE_FAILED.
 */
export async function openStore(home: string, { secret, ...options }: StoreOptions, deps: VaultDeps): Promise<Store> {
  const vault = await Vault.hold(home, { ...options, keepLock: false }, deps)
  try {
    const store = secret === undefined ? await vault.openByFile() : await vault.openBySecret(secret)
    if (store === undefined) throw new WarrenError('LOCKED', 'the home is locked: it needs its passphrase')
    return store
  } catch (error) {
    await vault.close()
    throw error
  }
}
