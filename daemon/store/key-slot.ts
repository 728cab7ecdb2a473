/** A key slot: the master key of a keyring, sealed under something that the owner has. Any one slot opens the keyring. */

import { label } from '../../protocol/bytes.ts'
import { encode, readArray, readBytes, readBytesUpTo, readText, type Value } from '../../protocol/codec.ts'
import { aeadKey, deriveBytes } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { openSealed, type RandomBytes, type Seal } from './seal.ts'

/**
 * `[kind, parameters, sealed master key]`. Kind and parameters are the associated data of the seal and all that is needed, with
 * the owner's secret, to derive its key; a kind that this version does not know is kept as it is.
 *
 * | kind | parameters | key of the seal |
 * |---|---|---|
 * | `file` | 16-byte salt | HKDF-SHA-256(the 32 bytes of the file `key`, salt, "warren/1/key-slot file\0") |
 *
 * Kept free for `passphrase` (salt and the parameters of scrypt) and `recovery`.
 */
export interface KeySlot {
  readonly kind: string
  readonly parameters: readonly Value[]
  readonly sealed: Uint8Array
}

export const masterBytes = 32
const fileKind = 'file'
const saltBytes = 16
const mostSealedBytes = 1024

const associatedWith = (kind: string, parameters: readonly Value[]): Uint8Array => encode([kind, parameters])

const fileSlotKey = (secret: Uint8Array, salt: Uint8Array): ReturnType<typeof aeadKey> =>
  aeadKey(deriveBytes(secret, salt, label('key-slot file')))

/** A slot that the 32 bytes of a key file open. */
export function makeFileSlot(secret: Uint8Array, master: Uint8Array, seal: Seal, randomBytes: RandomBytes): KeySlot {
  const salt = randomBytes(saltBytes)
  const parameters = [salt]
  return {
    kind: fileKind,
    parameters,
    sealed: seal(fileSlotKey(secret, salt), master, associatedWith(fileKind, parameters)),
  }
}

/** The master key by the first slot that `secret`, the bytes of a key file, opens. Throws STORE_NEWER or STORE_DAMAGED. */
export function openFileSlot(slots: readonly KeySlot[], secret: Uint8Array): Uint8Array {
  const ours = slots.filter(({ kind }) => kind === fileKind)
  if (ours.length === 0) throw new WarrenError('STORE_NEWER', 'no key slot of a kind that this version knows')
  for (const { kind, parameters, sealed } of ours) {
    try {
      const salt = readBytes(parameters[0], saltBytes)
      return readBytes(openSealed(fileSlotKey(secret, salt), sealed, associatedWith(kind, parameters)), masterBytes)
    } catch (error) {
      if (errorCode(error) !== 'CANNOT_DECRYPT') throw error
    }
  }
  throw new WarrenError('STORE_DAMAGED', 'the key file does not open the keyring: one of the two is damaged or another')
}

export const slotValue = ({ kind, parameters, sealed }: KeySlot): Value => [kind, parameters, sealed]

/** Throws BAD_SHAPE or TOO_LARGE. */
export function readSlot(value: Value): KeySlot {
  const [kind, parameters, sealed] = readArray(value, 3, 3)
  return {
    kind: readText(kind, 64),
    parameters: readArray(parameters),
    sealed: readBytesUpTo(sealed, mostSealedBytes),
  }
}
