/** How a sleeping device is woken through a push server: what device, waker and server compute alike. docs/protocol.md, section 24. */

import { concat, label } from './bytes.ts'
import { decode, encode, readArray, readBytes, readBytesUpTo, readText, readUint } from './codec.ts'
import {
  openSalted,
  sealSalted,
  sha256,
  signBytes,
  verifyBytes,
  verifyKeyFromBytes,
  type SigningKey,
} from './crypto.ts'
import { WarrenError } from './errors.ts'
import { fresh } from './fresh.ts'
import { limits } from './limits.ts'

/** Bytes of what has one size for everybody, so that sizes tell nothing. */
export const wakeSizes = {
  body: 256,
  capability: 32,
  nonce: 16,
  note: 160,
  revokeSecret: 32,
  rowId: 32,
  /** What a row says about where to push to, sealed. */
  sealedTarget: 1024,
  attestation: 53,
  code: 16,
} as const

/** How often one capability may wake, which wakers keep to and servers enforce. */
export const wakePace = { anHour: 6, atOnce: 3, aDay: 20 } as const

/** How many rows servers take in one call, and of one attestation. */
export const wakeRows = { aCall: 64, anAttestation: 2048 } as const

export type PushPlatform = 'apns' | 'webpush'
export type PushEnvironment = 'production' | 'sandbox'
export type WakeClass = 'message' | 'call'

const platforms: readonly PushPlatform[] = ['apns', 'webpush']
const environments: readonly PushEnvironment[] = ['production', 'sandbox']
/** Their numbers begin with 1: a body of zeros is none. */
const classes: readonly WakeClass[] = ['message', 'call']

/** Where a push goes to. */
export interface PushTarget {
  readonly platform: PushPlatform
  readonly environment: PushEnvironment
  /** Apple's name of the app; empty for Web Push. */
  readonly topic: string
  /** The bytes that Apple gave, or a subscription as encodeSubscription() makes it. */
  readonly token: Uint8Array
}

/** What a row holds, for whoever has the capability. */
export interface WakeTarget extends PushTarget {
  /** The server's word that somebody proved to own the token; opaque to all others. */
  readonly attestation: Uint8Array
}

/** What a waker sends. */
export interface Wake {
  readonly capability: Uint8Array
  readonly class: WakeClass
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly nonce: Uint8Array
  /** Sealed by protocol/wake-note.ts: nothing to the server. */
  readonly note: Uint8Array
}

const bad = (what: string): WarrenError => new WarrenError('BAD_SHAPE', `not ${what}`)

function oneOf<T>(list: readonly T[], number: number): T {
  const found = list[number]
  if (found === undefined) throw bad('one of a known kind')
  return found
}

const places = { version: 0, class: 1, sentAt: 2, nonce: 10, capability: 26, note: 58, padding: 218 } as const
const wakeVersion = 1

/** The one body of a wake. Throws BAD_SHAPE for parts of another size. */
export function encodeWakeBody(wake: Wake): Uint8Array {
  const out = fresh(wakeSizes.body)
  out[places.version] = wakeVersion
  out[places.class] = classes.indexOf(wake.class) + 1
  if (!Number.isSafeInteger(wake.sentAt) || wake.sentAt < 0) throw bad('a time')
  new DataView(out.buffer, out.byteOffset).setBigUint64(places.sentAt, BigInt(wake.sentAt))
  out.set(readBytes(wake.nonce, wakeSizes.nonce), places.nonce)
  out.set(readBytes(wake.capability, wakeSizes.capability), places.capability)
  out.set(readBytes(wake.note, wakeSizes.note), places.note)
  return out
}

/** Throws BAD_SHAPE for anything but the one body of one wake, UNSUPPORTED_VERSION. The parts are views. */
export function readWakeBody(body: Uint8Array): Wake {
  if (body.length !== wakeSizes.body) throw bad('a wake')
  if (body[places.version] !== wakeVersion) throw new WarrenError('UNSUPPORTED_VERSION', 'a wake of another version')
  const sentAt = new DataView(body.buffer, body.byteOffset).getBigUint64(places.sentAt)
  if (sentAt > BigInt(Number.MAX_SAFE_INTEGER)) throw bad('a time')
  if (body.subarray(places.padding).some((byte) => byte !== 0)) throw bad('padding')
  return {
    class: oneOf(classes, (body[places.class] ?? 0) - 1),
    sentAt: Number(sentAt),
    nonce: body.subarray(places.nonce, places.capability),
    capability: body.subarray(places.capability, places.note),
    note: body.subarray(places.note, places.padding),
  }
}

/** The row that a capability opens, 32 bytes: the server knows rows by it alone. */
export const rowIdOf = (capability: Uint8Array): Uint8Array => sha256(capability)

/** Whoever shows the secret of this hash may replace or revoke the row. */
export const revokeHashOf = (revokeSecret: Uint8Array): Uint8Array => sha256(revokeSecret)

/** What is said of a token where the token itself must not be. */
export const tokenHashOf = (token: Uint8Array): Uint8Array => sha256(token)

const targetItems = ({ platform, environment, topic, token }: PushTarget) =>
  [platforms.indexOf(platform), environments.indexOf(environment), topic, token] as const

const rowInfo = label('wake-row')
const saltAndTagBytes = 48
const lengthBytes = 2

/** A row's content, 1,024 bytes whatever is in it. `salt`: 32 fresh random bytes. Throws BAD_SHAPE, TOO_LARGE. */
export function sealTarget(capability: Uint8Array, target: WakeTarget, salt: Uint8Array): Uint8Array {
  const inner = encode([...targetItems(checkTarget(target)), readBytes(target.attestation, wakeSizes.attestation)])
  const plain = fresh(wakeSizes.sealedTarget - saltAndTagBytes)
  plain.set([inner.length >> 8, inner.length & 255])
  plain.set(inner, lengthBytes)
  return sealSalted(readBytes(capability, wakeSizes.capability), salt, rowInfo, plain, rowIdOf(capability))
}

/** Opens what sealTarget() made. Throws CANNOT_DECRYPT, BAD_SHAPE, TOO_LARGE. */
export function openTarget(capability: Uint8Array, sealed: Uint8Array): WakeTarget {
  readBytes(sealed, wakeSizes.sealedTarget)
  const plain = openSalted(capability, rowInfo, sealed, rowIdOf(capability))
  const end = lengthBytes + (((plain[0] ?? 0) << 8) | (plain[1] ?? 0))
  if (end > plain.length || plain.subarray(end).some((byte) => byte !== 0)) throw bad('padding')
  const f = readArray(decode(plain.subarray(lengthBytes, end)), 5)
  const target = {
    platform: oneOf(platforms, readUint(f[0])),
    environment: oneOf(environments, readUint(f[1])),
    topic: readText(f[2], limits.pushTopicBytes),
    token: readBytesUpTo(f[3], limits.pushTokenBytes),
  }
  return { ...checkTarget(target), attestation: readBytes(f[4], wakeSizes.attestation) }
}

/** Throws BAD_SHAPE, TOO_LARGE. What it gives back is what it was given. */
export function checkTarget<T extends PushTarget>(target: T): T {
  if (target.token.length === 0) throw bad('a token')
  readBytesUpTo(target.token, limits.pushTokenBytes)
  if (!/^[\w.-]*$/.test(readText(target.topic, limits.pushTopicBytes))) throw bad('a topic')
  return target
}

/** A browser's subscription (RFC 8030, RFC 8291): where to push to, its public key and its secret. */
export interface PushSubscription {
  readonly endpoint: string
  readonly publicKey: Uint8Array
  readonly secret: Uint8Array
}

export const encodeSubscription = ({ endpoint, publicKey, secret }: PushSubscription): Uint8Array =>
  encode([endpoint, publicKey, secret])

/** Throws BAD_SHAPE, TOO_LARGE. Whether anything may be sent to the endpoint is not looked at. */
export function readSubscription(token: Uint8Array): PushSubscription {
  const f = readArray(decode(readBytesUpTo(token, limits.pushTokenBytes)), 3)
  const endpoint = readText(f[0], limits.pushTokenBytes)
  if (!endpoint.startsWith('https://')) throw bad('the address of a push service')
  return { endpoint, publicKey: readBytes(f[1], 65), secret: readBytes(f[2], 16) }
}

/** What a device says to register a token; `origin` is the server's, as `https://push.example.org`. */
export interface TokenClaim extends PushTarget {
  readonly origin: string
  readonly nonce: Uint8Array
}

/** What a device says once the code came to its token. */
export interface CodeClaim {
  readonly origin: string
  readonly pendingId: Uint8Array
  readonly code: Uint8Array
}

const tokenMessage = (claim: TokenClaim): Uint8Array =>
  concat(label('wake-token'), sha256(encode([claim.origin, ...targetItems(claim), claim.nonce])))
const codeMessage = ({ origin, pendingId, code }: CodeClaim): Uint8Array =>
  concat(label('wake-code'), sha256(encode([origin, pendingId, code])))

export const signTokenClaim = (key: SigningKey, claim: TokenClaim): Uint8Array => signBytes(key, tokenMessage(claim))
export const signCodeClaim = (key: SigningKey, claim: CodeClaim): Uint8Array => signBytes(key, codeMessage(claim))

function checkSignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
  if (!verifyBytes(verifyKeyFromBytes(publicKey), message, signature)) {
    throw new WarrenError('BAD_SIGNATURE', 'the signature is not by the key that is named')
  }
}

/** Throws BAD_SHAPE for a key that is none, BAD_SIGNATURE. */
export const checkTokenClaim = (publicKey: Uint8Array, claim: TokenClaim, signature: Uint8Array): void =>
  checkSignature(publicKey, tokenMessage(claim), signature)

/** Throws BAD_SHAPE for a key that is none, BAD_SIGNATURE. */
export const checkCodeClaim = (publicKey: Uint8Array, claim: CodeClaim, signature: Uint8Array): void =>
  checkSignature(publicKey, codeMessage(claim), signature)
