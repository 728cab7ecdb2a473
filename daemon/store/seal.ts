/** Sealing: AES-256-GCM under a random 96-bit nonce, which stands before the ciphertext. */

import { aeadOpen, aeadSeal, type AeadKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'

/** Fresh bytes from a CSPRNG. */
export type RandomBytes = (length: number) => Uint8Array

const nonceBytes = 12
/** Nonces drawn at once: a call of the CSPRNG costs more than the bytes. */
const pooledNonces = 512

export type Seal = (key: AeadKey, plain: Uint8Array, associated: Uint8Array) => Uint8Array

/** No nonce is used twice: the pool only moves forward. */
export function createSeal(randomBytes: RandomBytes): Seal {
  let pool = new Uint8Array(0)
  let at = 0
  return (key, plain, associated) => {
    if (at === pool.length) {
      pool = new Uint8Array(randomBytes(nonceBytes * pooledNonces))
      at = 0
    }
    const nonce = pool.subarray(at, at + nonceBytes)
    at += nonceBytes
    return aeadSeal(key, nonce, plain, associated, nonce)
  }
}

/** Opens what a Seal made. Throws CANNOT_DECRYPT if a byte of anything differs. */
export function openSealed(key: AeadKey, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  if (sealed.length < nonceBytes) throw new WarrenError('CANNOT_DECRYPT', 'too short to be sealed')
  return aeadOpen(key, sealed.subarray(0, nonceBytes), sealed.subarray(nonceBytes), associated)
}
