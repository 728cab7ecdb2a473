/** Adds, changes and removes the key slots of an open home: one small file is rewritten in one step, and no data. */

import { WarrenError } from '../../protocol/errors.ts'
import { makeFileSlot, type SlotDeps } from './file-slot.ts'
import { slotKinds, slotsOf, type KeySlot, type SlotKind } from './key-slot.ts'
import { keyBytes, type Keyring } from './keyring.ts'
import { makePassphraseSlot } from './passphrase-slot.ts'
import { recoveryKeyBytes, writeRecoveryKey } from './recovery-key.ts'
import { makeRecoverySlot } from './recovery-slot.ts'
import type { Vault } from './vault.ts'

const without = (slots: readonly KeySlot[], removed: SlotKind): KeySlot[] =>
  slots.filter(({ kind }) => kind !== removed)

function keyringOf(vault: Vault): Keyring {
  if (vault.keyring === undefined) throw new WarrenError('LOCKED', 'the home is locked')
  return vault.keyring
}

/** Throws CONFLICT if the owner could not open the home any more; slots of kinds we do not know do not count. */
function checkUsable(slots: readonly KeySlot[], otherwise: string): void {
  if (slotKinds.every((kind) => slotsOf(slots, kind).length === 0)) throw new WarrenError('CONFLICT', otherwise)
}

export interface PassphraseChange {
  readonly passphrase: string
  /** Epoch milliseconds. */
  readonly madeAt: number
  /** From now on the passphrase is needed at every start. */
  readonly removeFile: boolean
}

/** Sets the passphrase, in place of an earlier one. Durable when it resolves; if it rejects, all is as it was. */
export async function setPassphrase(vault: Vault, change: PassphraseChange, deps: SlotDeps): Promise<void> {
  const { passphrase, madeAt, removeFile } = change
  await keyringOf(vault).changeSlots(async (slots, master) => {
    const kept = without(removeFile ? without(slots, 'file') : slots, 'passphrase')
    return [...kept, await makePassphraseSlot(passphrase, master, madeAt, deps)]
  })
  if (removeFile) await vault.removeKeyFile()
}

/**
 * Makes a recovery key, in place of an earlier one; the answer, as it is written down, is not kept anywhere. Rejects with CONFLICT if
 * nothing else opens the home: the power could fail before the owner has read it.
 */
export async function makeRecoveryKey(vault: Vault, madeAt: number, deps: SlotDeps): Promise<string> {
  const secret = new Uint8Array(deps.randomBytes(recoveryKeyBytes))
  try {
    await keyringOf(vault).changeSlots((slots, master) => {
      const kept = without(slots, 'recovery')
      checkUsable(kept, 'set a passphrase or make a key file first: the recovery key is the only way in')
      return [...kept, makeRecoverySlot(secret, master, madeAt, deps)]
    })
    return writeRecoveryKey(secret)
  } finally {
    secret.fill(0)
  }
}

/** Makes a key file, so that the daemon starts without questions. One that is there and opens the home stays. */
export async function addKeyFile(vault: Vault, deps: SlotDeps): Promise<void> {
  const keyring = keyringOf(vault)
  if (await vault.keyFileOpens()) return
  // The file first: a slot without its file would be one that nothing opens. One whose file was lost goes in the same step.
  const secret = deps.randomBytes(keyBytes)
  await vault.writeKeyFile(secret)
  await keyring.changeSlots((slots, master) => [...without(slots, 'file'), makeFileSlot(secret, master, deps)])
}

/** Rejects with NOT_FOUND if there is no such slot, CONFLICT if it is the last one that opens the home. */
export async function removeSlot(vault: Vault, kind: SlotKind): Promise<void> {
  await keyringOf(vault).changeSlots((slots) => {
    const kept = without(slots, kind)
    if (kept.length === slots.length) throw new WarrenError('NOT_FOUND', 'there is no such key slot')
    checkUsable(kept, 'this is the last key slot: without it nobody could open this home')
    return kept
  })
  if (kind === 'file') await vault.removeKeyFile()
}
