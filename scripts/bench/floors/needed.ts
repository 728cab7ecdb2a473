/** The cryptography without which a message cannot be sent, stored and believed, and nothing else of a message. */

import { randomBytes } from 'node:crypto'
import {
  aeadKey,
  aeadSeal,
  publicBytes,
  sealSalted,
  signBytes,
  signingKeyFromSeed,
  verifyBytes,
  verifyKeyFromBytes,
} from '../../../protocol/crypto.ts'
import { recordBytes } from './raw-node.ts'

export const signatureBytes = 64
const nonceBytes = 12
const saltBytes = 32
const tagBytes = 16
/** What a short message is padded to. */
const paddedBytes = 256
/** The rest of a record stands for the header. */
const frontBytes = recordBytes - saltBytes - paddedBytes - tagBytes

// Both ends of a floor know each other, as contacts do.
const signingKey = signingKeyFromSeed(new Uint8Array(32).fill(1))
const verifyKey = verifyKeyFromBytes(publicBytes(signingKey))
const epochKey = randomBytes(32)
const storeKey = aeadKey(randomBytes(32))
const info = new Uint8Array(80)

/** Seals the record's payload in place, under a key that HKDF makes for this one message. */
export function sealContent(record: Uint8Array): void {
  const front = record.subarray(0, frontBytes)
  const salt = record.subarray(frontBytes, frontBytes + saltBytes)
  const plain = record.subarray(frontBytes + saltBytes, recordBytes - tagBytes)
  record.set(sealSalted(epochKey, salt, info, plain, front), frontBytes)
}

const nonce = new Uint8Array(nonceBytes)
const counter = new DataView(nonce.buffer)
let sealed = 0

/** A value as it is stored: sealed under a key of the home, which is new with each run, so that counting nonces is safe. */
export function sealValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  counter.setUint32(0, (sealed += 1))
  return aeadSeal(storeKey, nonce, value, key, nonce)
}

export const signRecord = (record: Uint8Array): Uint8Array => signBytes(signingKey, record)

/** Throws unless the author of the floor signed it. */
export function checkRecord(record: Uint8Array, signature: Uint8Array): void {
  if (!verifyBytes(verifyKey, record, signature)) throw new Error('a good signature is refused')
}
