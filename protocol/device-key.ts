/** The verifying keys of devices, remembered: making one costs as much as using it. */

import { verifyBytes, verifyKeyFromBytes, type VerifyKey } from './crypto.ts'
import { errorCode } from './errors.ts'
import { deviceBytes, type DeviceId } from './ids.ts'

const verifyKeys = new Map<DeviceId, VerifyKey>()
const mostKeys = 4096

/** Throws BAD_SHAPE for an id whose key is of small order. */
export function verifyKeyOf(device: DeviceId): VerifyKey {
  let key = verifyKeys.get(device)
  if (key === undefined) {
    key = verifyKeyFromBytes(deviceBytes(device))
    if (verifyKeys.size >= mostKeys) verifyKeys.clear()
    verifyKeys.set(device, key)
  }
  return key
}

/** True if `signature` over `message` is by the key of these public bytes; false also for bytes that are no good key. */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifyBytes(verifyKeyFromBytes(publicKey), message, signature)
  } catch (error) {
    if (errorCode(error) === 'BAD_SHAPE') return false
    throw error
  }
}
