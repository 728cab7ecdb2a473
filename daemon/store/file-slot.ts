/** The key slot `file`: opened by 32 random bytes in a file beside the keyring, so that a daemon starts without questions. */

import { label } from '../../protocol/bytes.ts'
import { readBytes } from '../../protocol/codec.ts'
import { aeadKey, deriveBytes, type AeadKey } from '../../protocol/crypto.ts'
import { makeSlot, openSlot, saltBytes, type KeySlot } from './key-slot.ts'
import type { RandomBytes, Seal } from './seal.ts'

const keyOf = (secret: Uint8Array, salt: Uint8Array): AeadKey =>
  aeadKey(deriveBytes(secret, salt, label('key-slot file')))

export interface SlotDeps {
  readonly seal: Seal
  readonly randomBytes: RandomBytes
}

/** A slot that the 32 bytes of a key file open. */
export function makeFileSlot(secret: Uint8Array, master: Uint8Array, { seal, randomBytes }: SlotDeps): KeySlot {
  const salt = randomBytes(saltBytes)
  return makeSlot({ kind: 'file', parameters: [salt], key: keyOf(secret, salt) }, master, seal)
}

/** The master key. Throws CANNOT_DECRYPT if `secret` is another, BAD_SHAPE. */
export const openFileSlot = (slot: KeySlot, secret: Uint8Array): Uint8Array =>
  openSlot(slot, keyOf(secret, readBytes(slot.parameters[0], saltBytes)))
