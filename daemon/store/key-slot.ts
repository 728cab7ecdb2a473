/** A key slot: the master key of a keyring, sealed under something that the owner has. Any one slot opens the keyring. */

import { encode, readArray, readBytes, readBytesUpTo, readText, type Value } from '../../protocol/codec.ts'
import type { AeadKey } from '../../protocol/crypto.ts'
import { openSealed, type Seal } from './seal.ts'

/**
 * `[kind, parameters, sealed master key]`. Kind and parameters are the associated data of the seal and all that is needed, with
 * the owner's secret, to derive its key; a kind that this version does not know is kept as it is. Salts have 16 bytes.
 *
 * | kind | parameters | key of the seal |
 * |---|---|---|
 * | `file` | salt | HKDF-SHA-256(the 32 bytes of the file `key`, salt, "warren/1/key-slot file\0") |
 * | `passphrase` | salt, log2 N, r, p, when it was made | HKDF-SHA-256(scrypt(NFKC of the passphrase, salt, N, r, p), salt, "warren/1/key-slot passphrase\0") |
 * | `recovery` | salt, when it was made | HKDF-SHA-256(the 32 bytes of the recovery key, salt, "warren/1/key-slot recovery\0") |
 */
export interface KeySlot {
  readonly kind: string
  readonly parameters: readonly Value[]
  readonly sealed: Uint8Array
}

export type SlotKind = 'file' | 'passphrase' | 'recovery'

export const slotKinds: readonly SlotKind[] = ['file', 'passphrase', 'recovery']

export const masterBytes = 32
export const saltBytes = 16
const mostSealedBytes = 1024
const mostParameters = 16

const associatedWith = (kind: string, parameters: readonly Value[]): Uint8Array => encode([kind, parameters])

export interface SlotMaking {
  readonly kind: SlotKind
  readonly parameters: readonly Value[]
  readonly key: AeadKey
}

export const makeSlot = ({ kind, parameters, key }: SlotMaking, master: Uint8Array, seal: Seal): KeySlot => ({
  kind,
  parameters,
  sealed: seal(key, master, associatedWith(kind, parameters)),
})

/** The master key. Throws CANNOT_DECRYPT if `key` is another than the slot was made with. */
export const openSlot = ({ kind, parameters, sealed }: KeySlot, key: AeadKey): Uint8Array =>
  readBytes(openSealed(key, sealed, associatedWith(kind, parameters)), masterBytes)

export const slotsOf = (slots: readonly KeySlot[], wanted: SlotKind): readonly KeySlot[] =>
  slots.filter(({ kind }) => kind === wanted)

export const slotValue = ({ kind, parameters, sealed }: KeySlot): Value => [kind, parameters, sealed]

/** Throws BAD_SHAPE or TOO_LARGE. */
export function readSlot(value: Value): KeySlot {
  const [kind, parameters, sealed] = readArray(value, 3, 3)
  return {
    kind: readText(kind, 64),
    parameters: readArray(parameters, 0, mostParameters),
    sealed: readBytesUpTo(sealed, mostSealedBytes),
  }
}
