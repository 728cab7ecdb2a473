/** Whether a keyring opens, looked at before anything of its home is touched. */

import { WarrenError } from '../../protocol/errors.ts'
import { readIfThere } from './durable-file.ts'
import { homePaths } from './home.ts'
import { openContents, readKeyringFile } from './keyring-file.ts'
import { masterByFile, masterBySecret, type Secret } from './slot-opener.ts'
import { openError } from './storage-error.ts'

/**
 * Resolves if the keyring of `home` opens by `secret`, or without one by the key file. Reads, and needs no lock. Rejects with LOCKED
 * if only its owner can open it, WRONG_PASSPHRASE, STORE_NEWER, STORE_DAMAGED (also if keyring or key file is missing) or STORE_FAILED.
 */
export async function proveKeyring(home: string, secret: Secret | undefined): Promise<void> {
  const paths = homePaths(home)
  try {
    const bytes = await readIfThere(paths.keyring)
    if (bytes === undefined) throw new WarrenError('STORE_DAMAGED', 'the keyring file is missing')
    const { slots, sealed } = readKeyringFile(bytes)
    const master =
      secret === undefined
        ? await masterByFile(slots, await readIfThere(paths.keyFile))
        : await masterBySecret(slots, secret)
    if (master === undefined) throw new WarrenError('LOCKED', 'the home is locked: it needs its passphrase')
    const { homeKey, conversationKeys } = openContents(sealed, master)
    for (const each of [master, homeKey, ...conversationKeys.values()]) each.fill(0)
  } catch (cause) {
    throw openError(cause)
  }
}
