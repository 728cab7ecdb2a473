/** The key slot `recovery`: opened by 32 random bytes that the owner has on paper. */

import { label } from '../../protocol/bytes.ts'
import { readBytes } from '../../protocol/codec.ts'
import { aeadKey, deriveBytes, type AeadKey } from '../../protocol/crypto.ts'
import type { SlotDeps } from './file-slot.ts'
import { makeSlot, openSlot, saltBytes, type KeySlot } from './key-slot.ts'

const keyOf = (secret: Uint8Array, salt: Uint8Array): AeadKey =>
  aeadKey(deriveBytes(secret, salt, label('key-slot recovery')))

/** `madeAt`: epoch milliseconds. */
export function makeRecoverySlot(
  secret: Uint8Array,
  master: Uint8Array,
  madeAt: number,
  { seal, randomBytes }: SlotDeps,
): KeySlot {
  const salt = randomBytes(saltBytes)
  return makeSlot({ kind: 'recovery', parameters: [salt, madeAt], key: keyOf(secret, salt) }, master, seal)
}

/** The master key. Throws CANNOT_DECRYPT if `secret` is another, BAD_SHAPE. */
export const openRecoverySlot = (slot: KeySlot, secret: Uint8Array): Uint8Array =>
  openSlot(slot, keyOf(secret, readBytes(slot.parameters[0], saltBytes)))
