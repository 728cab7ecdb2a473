/** Noise's cipher for long messages: the library's makes a key anew for each, and memory for each of the pieces that it has of it. */

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import type { ICryptoInterface } from '@chainsafe/libp2p-noise'
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto'

type Encrypt = ICryptoInterface['chaCha20Poly1305Encrypt']
type Decrypt = ICryptoInterface['chaCha20Poly1305Decrypt']
/** Bytes in one piece, or in several. */
type Bytes = Parameters<Encrypt>[0]

const algorithm = 'chacha20-poly1305'
const tagBytes = 16
const tagLength = { authTagLength: tagBytes }
/** Noise has none longer. */
const mostBytes = 0xff_ff
/** Below this the library's own is quicker: it takes WebAssembly there. */
export const longBytes = 4096

const scratch = new Uint8Array(mostBytes)

/** In one piece: where there are several, in memory that the next call uses again. */
export function inOnePiece(bytes: Bytes): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  let length = 0
  for (const piece of bytes) {
    if (piece.length === bytes.byteLength) return piece
    scratch.set(piece, length)
    length += piece.length
  }
  return scratch.subarray(0, length)
}

/** A key object costs as much to make as a long message to encrypt; each direction of a connection has one key. */
const keys = new WeakMap<Uint8Array, KeyObject>()

function keyOf(bytes: Uint8Array): KeyObject {
  const known = keys.get(bytes)
  if (known !== undefined) return known
  const key = createSecretKey(bytes)
  keys.set(bytes, key)
  return key
}

const encrypt: Encrypt = (plaintext, nonce, associated, key) => {
  const isShort = plaintext.byteLength < longBytes || plaintext.byteLength > mostBytes
  if (isShort || plaintext instanceof Uint8Array)
    return defaultCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, associated, key)
  const cipher = createCipheriv(algorithm, keyOf(key), nonce, tagLength)
  cipher.setAAD(associated, { plaintextLength: plaintext.byteLength })
  const body = cipher.update(inOnePiece(plaintext))
  cipher.final()
  const out = plaintext.sublist(0, 0)
  out.append(body, cipher.getAuthTag())
  return out
}

const decrypt: Decrypt = (ciphertext, nonce, associated, key, into) => {
  const isShort = ciphertext.byteLength < longBytes || ciphertext.byteLength > mostBytes
  if (isShort) return defaultCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, associated, key, into)
  const bytes = inOnePiece(ciphertext)
  const end = bytes.length - tagBytes
  const decipher = createDecipheriv(algorithm, keyOf(key), nonce, tagLength)
  decipher.setAAD(associated, { plaintextLength: end })
  decipher.setAuthTag(bytes.subarray(end))
  const plaintext = decipher.update(bytes.subarray(0, end))
  decipher.final()
  return plaintext
}

/** For noise(). */
export const noiseCrypto: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt: encrypt,
  chaCha20Poly1305Decrypt: decrypt,
}
