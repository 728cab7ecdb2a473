/** A device's signed word that one boot of it was alive at a time: it shows one running copy of a device that there is another. */

import { concat, label } from './bytes.ts'
import { encode, readArray, readBytes, readUint, type Value } from './codec.ts'
import { sha256, signBytes, verifyBytes, type SigningKey } from './crypto.ts'
import { verifyKeyOf } from './device-key.ts'
import { maxWallMs } from './hlc.ts'
import type { DeviceId } from './ids.ts'

export interface BootWord {
  /** 8 random bytes, new at every start. */
  readonly bootId: Uint8Array
  /** The signer's clock. */
  readonly wallMs: number
  readonly signature: Uint8Array
}

const message = ({ bootId, wallMs }: Omit<BootWord, 'signature'>): Uint8Array =>
  concat(label('boot'), sha256(encode([bootId, wallMs])))

export const signBoot = (key: SigningKey, word: Omit<BootWord, 'signature'>): BootWord => ({
  ...word,
  signature: signBytes(key, message(word)),
})

export const isBootOf = (device: DeviceId, word: BootWord): boolean =>
  verifyBytes(verifyKeyOf(device), message(word), word.signature)

export const bootValue = ({ bootId, wallMs, signature }: BootWord): Value => [bootId, wallMs, signature]

/** Throws BAD_SHAPE. */
export function readBootWord(value: Value): BootWord {
  const [bootId, wallMs, signature] = readArray(value, 3)
  return { bootId: readBytes(bootId, 8), wallMs: readUint(wallMs, maxWallMs), signature: readBytes(signature, 64) }
}
