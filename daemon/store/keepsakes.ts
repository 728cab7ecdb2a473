/** The few bytes that must outlive a damaged database: each in a file of its own beside it, sealed as values of the home are. */

import { label } from '../../protocol/bytes.ts'
import type { AeadKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import type { HomePaths } from './home.ts'
import { openSealed, type Seal } from './seal.ts'
import { storageError } from './storage-error.ts'

/** The names of the files. */
export type Keepsake = 'identity'

export interface Keepsakes {
  /** Undefined if there is none. Throws STORE_DAMAGED, STORE_FAILED. */
  read(name: Keepsake): Promise<Uint8Array | undefined>
  /** Durable when it resolves. Throws STORE_FULL, STORE_FAILED. */
  write(name: Keepsake, bytes: Uint8Array): Promise<void>
}

const associated = (name: Keepsake): Uint8Array => label(`keepsake ${name}`)

/** `keys` is asked at each use: a keepsake must not outlive a lock with a key of its own. */
export function fileKeepsakes(paths: HomePaths, keys: { readonly homeKey: AeadKey }, seal: Seal): Keepsakes {
  return {
    read: async (name) => {
      try {
        const sealed = await readIfThere(paths[name])
        return sealed === undefined ? undefined : openSealed(keys.homeKey, sealed, associated(name))
      } catch (cause) {
        if (errorCode(cause) !== 'CANNOT_DECRYPT') throw storageError(cause)
        throw new WarrenError('STORE_DAMAGED', 'a file of the home is damaged', { cause, details: { file: name } })
      }
    },
    write: async (name, bytes) => {
      try {
        await writeDurably(paths[name], seal(keys.homeKey, bytes, associated(name)))
      } catch (cause) {
        throw storageError(cause)
      }
    },
  }
}
