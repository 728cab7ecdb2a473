/** Finds the master key behind a keyring's slots, by the key file or by what the owner knows. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { openFileSlot } from './file-slot.ts'
import { slotKinds, slotsOf, type KeySlot } from './key-slot.ts'
import { openPassphraseSlot } from './passphrase-slot.ts'
import { readRecoveryKey } from './recovery-key.ts'
import { openRecoverySlot } from './recovery-slot.ts'

/** What the owner types. */
export type Secret = { readonly passphrase: string } | { readonly recoveryKey: string }

/** The first slot that opens; undefined if none does. Nobody but us writes keyrings: a wrong shape is damage. */
async function firstThatOpens(
  slots: readonly KeySlot[],
  open: (slot: KeySlot) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  for (const slot of slots) {
    try {
      return await open(slot)
    } catch (cause) {
      const code = errorCode(cause)
      if (code === 'BAD_SHAPE' || code === 'TOO_LARGE') {
        throw new WarrenError('STORE_DAMAGED', 'the keyring file is damaged', { cause })
      }
      if (code !== 'CANNOT_DECRYPT') throw cause
    }
  }
  return undefined
}

/**
 * `secret`: the bytes of the key file, if it is there. Undefined if it opens nothing but the owner may know what does. Rejects
 * with STORE_DAMAGED, or STORE_NEWER if no slot is of a kind that this version knows.
 */
export async function masterByFile(
  slots: readonly KeySlot[],
  secret: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  if (slotKinds.every((kind) => slotsOf(slots, kind).length === 0)) {
    throw new WarrenError('STORE_NEWER', 'no key slot of a kind that this version knows')
  }
  const own = slotsOf(slots, 'file')
  const isKnown = slotsOf(slots, 'passphrase').length + slotsOf(slots, 'recovery').length > 0
  if (secret === undefined) {
    if (isKnown) return undefined
    throw new WarrenError('STORE_DAMAGED', 'the key file is missing')
  }
  const master = await firstThatOpens(own, (slot) => openFileSlot(slot, secret))
  if (master !== undefined || isKnown) return master
  throw new WarrenError('STORE_DAMAGED', 'the key file does not open the keyring: one of the two is damaged or another')
}

/** Whether the bytes of a key file open one of its slots. Rejects with STORE_DAMAGED. */
export async function opensByFile(slots: readonly KeySlot[], secret: Uint8Array): Promise<boolean> {
  const master = await firstThatOpens(slotsOf(slots, 'file'), (slot) => openFileSlot(slot, secret))
  master?.fill(0)
  return master !== undefined
}

/** Rejects with WRONG_PASSPHRASE or STORE_DAMAGED. */
export async function masterBySecret(slots: readonly KeySlot[], secret: Secret): Promise<Uint8Array> {
  if ('passphrase' in secret) {
    const { passphrase } = secret
    const own = slotsOf(slots, 'passphrase')
    const master = await firstThatOpens(own, async (slot) => await openPassphraseSlot(slot, passphrase))
    if (master !== undefined) return master
    throw new WarrenError('WRONG_PASSPHRASE', own.length === 0 ? 'no passphrase is set' : 'this is not the passphrase')
  }
  const own = slotsOf(slots, 'recovery')
  if (own.length === 0) throw new WarrenError('WRONG_PASSPHRASE', 'no recovery key was made')
  const typed = readRecoveryKey(secret.recoveryKey)
  if (typed === undefined)
    throw new WarrenError('WRONG_PASSPHRASE', 'this is not a whole recovery key: look for a slip')
  const master = await firstThatOpens(own, (slot) => openRecoverySlot(slot, typed))
  if (master !== undefined) return master
  throw new WarrenError('WRONG_PASSPHRASE', 'this is not the recovery key of this home')
}
