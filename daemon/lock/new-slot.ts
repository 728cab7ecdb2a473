/** Makes one key slot, or changes the one of its kind. */

import type { NewKeySlot, NewKeySlotAnswer } from '../../protocol/http-access.ts'
import { createSeal, type RandomBytes } from '../store/seal.ts'
import { addKeyFile, makeRecoveryKey, setPassphrase } from '../store/slot-changes.ts'
import type { Vault } from '../store/vault.ts'

/** `at`: epoch milliseconds. What is asked for has been checked. */
export async function makeSlot(
  vault: Vault,
  { kind, passphrase = '', removeFile = false }: NewKeySlot,
  at: number,
  randomBytes: RandomBytes,
): Promise<NewKeySlotAnswer> {
  const deps = { seal: createSeal(randomBytes), randomBytes }
  if (kind === 'recovery') return { recoveryKey: await makeRecoveryKey(vault, at, deps) }
  if (kind === 'file') await addKeyFile(vault, deps)
  else await setPassphrase(vault, { passphrase, removeFile, madeAt: at }, deps)
  return {}
}
