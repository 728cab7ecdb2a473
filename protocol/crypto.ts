/** The only file of the protocol that touches node:crypto: SHA-256, SHA-512, Ed25519 (RFC 8032), HKDF (RFC 5869), AES-256-GCM (NIST SP 800-38D). */

import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  sign,
  verify,
  type CipherGCM,
  type DecipherGCM,
  type KeyObject,
} from 'node:crypto'
import { toBase64url } from './base64url.ts'
import { WarrenError } from './errors.ts'
import { fresh } from './fresh.ts'

declare const brand: unique symbol

/** An Ed25519 private key; opaque, so that no type of Node leaks through the wall. */
export interface SigningKey {
  readonly [brand]: 'SigningKey'
}

/** An Ed25519 public key, checked not to be of small order. */
export interface VerifyKey {
  readonly [brand]: 'VerifyKey'
}

/** A 256-bit key for AES-256-GCM. */
export interface AeadKey {
  readonly [brand]: 'AeadKey'
}

/** A P-256 private key that signs as JWTs want it (ES256). */
export interface P256SigningKey {
  readonly [brand]: 'P256SigningKey'
}

const none = new Uint8Array(0)
const tagBytes = 16
const saltBytes = 32

const inside = (key: SigningKey | VerifyKey | AeadKey | P256SigningKey): KeyObject => key as unknown as KeyObject

/** SHA-256 as a text of one character a byte. As a buffer it takes three times as long, and leaves memory to the collector. */
const hashText = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary')

function writeText(into: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) into[at + index] = text.charCodeAt(index)
}

function bytesOf(text: string): Uint8Array {
  const out = fresh(text.length)
  writeText(out, 0, text)
  return out
}

/** SHA-256 over the parts one after the other, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  // One call into OpenSSL instead of three: twice as fast for headers and messages.
  if (only !== undefined && parts.length === 1) return bytesOf(hashText(only))
  const all = createHash('sha256')
  for (const part of parts) all.update(part)
  return bytesOf(all.digest('binary'))
}

/** SHA-512 over the parts one after the other, 64 bytes. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  const all = createHash('sha512')
  for (const part of parts) all.update(part)
  return bytesOf(all.digest('binary'))
}

const pkcs8 = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32])
const spki = Uint8Array.from([48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0])

const joined = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.concat([a, b])

/** The private key of a 32-byte RFC 8032 seed. Throws BAD_SHAPE. */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  if (seed.length !== 32) throw new WarrenError('BAD_SHAPE', 'a seed has 32 bytes')
  return createPrivateKey({ key: joined(pkcs8, seed), format: 'der', type: 'pkcs8' }) as unknown as SigningKey
}

/** The 32 public bytes that belong to `key`. */
export function publicBytes(key: SigningKey): Uint8Array {
  const der = createPublicKey(inside(key)).export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(der.length - 32))
}

/** y coordinates of the points whose order divides 8, without the sign bit. */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** True if a coordinate is 2^255 - 19 or more: a second spelling of another point (RFC 8032, section 5.1.3, step 1). */
const isOverlong = (y: Uint8Array): boolean =>
  (y[0] ?? 0) >= 0xed && y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff)

/**
 * Reads 32 public bytes. Throws BAD_SHAPE for a wrong length, for keys of small order, under which anything verifies, and
 * for a second spelling of a key.
 */
export function verifyKeyFromBytes(bytes: Uint8Array): VerifyKey {
  if (bytes.length !== 32) throw new WarrenError('BAD_SHAPE', 'a public key has 32 bytes')
  const y = Buffer.from(bytes)
  y[31] = (y[31] ?? 0) & 0x7f
  if (smallOrder.has(y.toString('hex'))) throw new WarrenError('BAD_SHAPE', 'a public key of small order')
  if (isOverlong(y)) throw new WarrenError('BAD_SHAPE', 'a public key that is not canonical')
  return createPublicKey({ key: joined(spki, bytes), format: 'der', type: 'spki' }) as unknown as VerifyKey
}

/** Ed25519 over `bytes`, 64 bytes. */
export function signBytes(key: SigningKey, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, bytes, inside(key)))
}

/** True if `signature` over `bytes` is by `key`. Never throws. */
export function verifyBytes(key: VerifyKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, bytes, inside(key), signature)
}

/** Wraps 32 bytes as an AEAD key. Throws BAD_SHAPE. */
export function aeadKey(bytes: Uint8Array): AeadKey {
  if (bytes.length !== 32) throw new WarrenError('BAD_SHAPE', 'a key has 32 bytes')
  return createSecretKey(bytes) as unknown as AeadKey
}

const blockBytes = 64
const hashBytes = 32
const innerPad = new Uint8Array(1024)
/** Its beginnings, by their length. */
const innerPads: Uint8Array[] = []
const outerPad = new Uint8Array(blockBytes + hashBytes)

/** HMAC-SHA-256 (RFC 2104) under a key of at most 64 bytes, 32 bytes. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const length = blockBytes + message.length
  const inner = length > innerPad.length ? new Uint8Array(length) : (innerPads[length] ??= innerPad.subarray(0, length))
  inner.fill(0x36, 0, blockBytes)
  outerPad.fill(0x5c, 0, blockBytes)
  for (let at = 0; at < key.length; at += 1) {
    inner[at] = 0x36 ^ (key[at] ?? 0)
    outerPad[at] = 0x5c ^ (key[at] ?? 0)
  }
  inner.set(message, blockBytes)
  writeText(outerPad, blockBytes, hashText(inner))
  const out = bytesOf(hashText(outerPad))
  // The pads held a key: they are scratch of this file, and must not keep it.
  inner.fill(0)
  outerPad.fill(0)
  return out
}

/**
 * HKDF-SHA-256 of a key, 32 bytes long: the one block of RFC 5869. `salt` has at most 64 bytes. Every message has a key of
 * its own, and hkdfSync() makes native objects that cost three times as much and then burden the collector.
 */
export function deriveBytes(key: Uint8Array, salt: Uint8Array, info: Uint8Array): Uint8Array {
  if (salt.length > blockBytes) throw new WarrenError('BAD_SHAPE', 'a salt has at most 64 bytes')
  const extracted = hmac(salt, key)
  const block = fresh(info.length + 1)
  block.set(info)
  block[info.length] = 1
  const derived = hmac(extracted, block)
  extracted.fill(0)
  return derived
}

/** AES-256-GCM: `front`, then ciphertext and the 16-byte tag. `nonce` has 12 bytes and must never repeat under one key. */
export const aeadSeal = (
  key: AeadKey,
  nonce: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
  front: Uint8Array = none,
): Uint8Array => sealBehind(front, createCipheriv('aes-256-gcm', inside(key), nonce), plain, associated)

function sealBehind(front: Uint8Array, cipher: CipherGCM, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const out = fresh(front.length + plain.length + tagBytes)
  out.set(front)
  seal(cipher, plain, associated, out.subarray(front.length))
  return out
}

function seal(cipher: CipherGCM, plain: Uint8Array, associated: Uint8Array, into: Uint8Array): void {
  cipher.setAAD(associated)
  into.set(cipher.update(plain))
  cipher.final()
  into.set(cipher.getAuthTag(), plain.length)
}

/** As aeadSeal(), into memory that has room for it: answers as much of that as is filled, 16 bytes more than `plain`. */
export function aeadSealInto(
  key: AeadKey,
  nonce: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
  memory: Uint8Array,
): Uint8Array {
  const out = memory.subarray(0, plain.length + tagBytes)
  seal(createCipheriv('aes-256-gcm', inside(key), nonce), plain, associated, out)
  return out
}

/** Opens what aeadSeal() made. Throws CANNOT_DECRYPT if a byte of anything differs. */
export const aeadOpen = (key: AeadKey, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array =>
  openWith(createDecipheriv('aes-256-gcm', inside(key), nonce, { authTagLength: tagBytes }), sealed, associated)

function openWith(decipher: DecipherGCM, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  if (sealed.length < tagBytes) throw new WarrenError('CANNOT_DECRYPT', 'too short to be sealed')
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes))
    decipher.final()
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.length)
  } catch (cause) {
    throw new WarrenError('CANNOT_DECRYPT', 'the seal does not open', { cause })
  }
}

/** Safe, because each key is of one salt, and so of one message. */
const zeroNonce = new Uint8Array(12)

function keyOnce(key: Uint8Array, salt: Uint8Array, info: Uint8Array): KeyObject {
  const derived = deriveBytes(key, salt, info)
  const once = createSecretKey(derived)
  // The memory is a slab's, which others keep.
  derived.fill(0)
  return once
}

/** A salt, then AES-256-GCM under the key that HKDF derives from it and `info`. `salt`: 32 fresh random bytes. */
export function sealSalted(
  key: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  if (salt.length !== saltBytes) throw new WarrenError('BAD_SHAPE', 'a salt has 32 bytes')
  return sealBehind(salt, createCipheriv('aes-256-gcm', keyOnce(key, salt, info), zeroNonce), plain, associated)
}

function saltOf(sealed: Uint8Array): Uint8Array {
  if (sealed.length < saltBytes) throw new WarrenError('CANNOT_DECRYPT', 'too short to be sealed')
  return sealed.subarray(0, saltBytes)
}

function openOnce(once: KeyObject, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', once, zeroNonce, { authTagLength: tagBytes })
  return openWith(decipher, sealed.subarray(saltBytes), associated)
}

/** Opens what sealSalted() made. Throws CANNOT_DECRYPT if a byte of anything differs. */
export const openSalted = (key: Uint8Array, info: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array =>
  openOnce(keyOnce(key, saltOf(sealed), info), sealed, associated)

/** The key, 32 bytes, that sealSalted() derived for this one value. Throws CANNOT_DECRYPT for what is too short. */
export const deriveSalted = (key: Uint8Array, info: Uint8Array, sealed: Uint8Array): Uint8Array =>
  deriveBytes(key, saltOf(sealed), info)

/** Opens what sealSalted() made with the key that deriveSalted() gives. Throws CANNOT_DECRYPT, BAD_SHAPE for another length. */
export function openDerived(derived: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  saltOf(sealed)
  return openOnce(inside(aeadKey(derived)), sealed, associated)
}

/** A number that is no private key comes once in 2^32. */
function p256Half(privateBytes: Uint8Array): ReturnType<typeof createECDH> {
  const half = createECDH('prime256v1')
  try {
    half.setPrivateKey(privateBytes)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not a private key of P-256', { cause })
  }
  return half
}

/** The uncompressed point, 65 bytes, of 32 private ones. Throws BAD_SHAPE. */
export const p256PublicBytes = (privateBytes: Uint8Array): Uint8Array =>
  new Uint8Array(p256Half(privateBytes).getPublicKey())

/** What both sides of an exchange over P-256 have in common, 32 bytes. Throws BAD_SHAPE for a point that is not on the curve. */
export function p256Agree(privateBytes: Uint8Array, publicPoint: Uint8Array): Uint8Array {
  const half = p256Half(privateBytes)
  try {
    return new Uint8Array(half.computeSecret(publicPoint))
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not a point of P-256', { cause })
  }
}

/** Throws BAD_SHAPE. */
export function p256SigningKey(privateBytes: Uint8Array): P256SigningKey {
  const point = p256PublicBytes(privateBytes)
  const key = {
    kty: 'EC',
    crv: 'P-256',
    x: toBase64url(point.subarray(1, 33)),
    y: toBase64url(point.subarray(33)),
    d: toBase64url(privateBytes),
  }
  return createPrivateKey({ key, format: 'jwk' }) as unknown as P256SigningKey
}

/** ES256 (RFC 7518, section 3.4) over `bytes`: 64 bytes, another 64 each time. */
export const p256Sign = (key: P256SigningKey, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha256', bytes, { key: inside(key), dsaEncoding: 'ieee-p1363' }))

/** AES-128-GCM without associated data: ciphertext, then the 16-byte tag. `key` is of one `nonce`, of 12 bytes. */
export const aes128Seal = (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array =>
  sealBehind(none, createCipheriv('aes-128-gcm', createSecretKey(key), nonce), plain, none)
