/**
 * What is sent to a browser through its push service, computed alike by the push server and by the daemon of the browser's owner:
 * the sealed message (RFC 8188, RFC 8291), who sends it (RFC 8292), where it may go.
 */

import { fromBase64url, toBase64url } from './base64url.ts'
import { concat, utf8 } from './bytes.ts'
import { readBytes } from './codec.ts'
import {
  aes128Seal,
  deriveBytes,
  p256Agree,
  p256PublicBytes,
  p256Sign,
  p256SigningKey,
  type P256SigningKey,
} from './crypto.ts'
import { WarrenError } from './errors.ts'
import { limits } from './limits.ts'

/** Push services of browsers, and nobody else: whoever names an endpoint makes this program send to it. */
export const pushHosts: readonly string[] = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  'web.push.apple.com',
]

/** Lower case, as browsers write it; no name and password, no other port than one that was allowed, nothing that parsers read in two ways. */
const endpointShape = /^https:\/\/((?:[a-z\d-]+\.)*[a-z\d-]+)(?::(\d{1,5}))?(?:\/[\w\-.~!$&'()*+,;=:@%/?]*)?$/

const isAddress = (host: string): boolean => /^[\d.]+$/.test(host)

const fits = (host: string, allowed: string): boolean =>
  allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) && host.length >= allowed.length : host === allowed

/**
 * `https://<host>` of an endpoint that may be sent to, undefined of any other. `more` are hosts that are allowed besides
 * pushHosts: `push.example.org`, `*.example.org`, `localhost:8443`.
 */
export function pushOriginOf(endpoint: string, more: readonly string[] = []): string | undefined {
  const [, host = '', port = '443'] = endpointShape.exec(endpoint) ?? []
  if (host === '' || isAddress(host)) return undefined
  const named = port === '443' ? host : `${host}:${port}`
  return [...pushHosts, ...more].some((allowed) => fits(named, allowed)) ? `https://${named}` : undefined
}

type Random = (length: number) => Uint8Array

const recordBytes = 4096
const keyBytes = 16
const nonceBytes = 12
const saltBytes = 16
const privateBytes = 32
/** The one record is the last. */
const delimiter = Uint8Array.of(2)

/** The public key of a browser's subscription and its secret. */
export interface PushReader {
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array
  /** 16 bytes. */
  readonly secret: Uint8Array
}

/**
 * The body of a push, encoded as `aes128gcm`. `random` gives fresh bytes. With `paddedBytes` all messages of up to so many have
 * one length. Throws BAD_SHAPE for a key that is none, TOO_LARGE.
 */
export function sealPush(reader: PushReader, plain: Uint8Array, random: Random, paddedBytes = 0): Uint8Array {
  const padding = new Uint8Array(Math.max(0, paddedBytes - plain.length))
  if (plain.length + padding.length > limits.pushPlainBytes) throw new WarrenError('TOO_LARGE', 'too long for a push')
  const salt = readBytes(random(saltBytes), saltBytes)
  const ownPrivate = readBytes(random(privateBytes), privateBytes)
  const ownPublic = p256PublicBytes(ownPrivate)
  const publicKey = readBytes(reader.publicKey, ownPublic.length)
  const info = concat(utf8('WebPush: info\0'), publicKey, ownPublic)
  const common = p256Agree(ownPrivate, publicKey)
  const key = deriveBytes(common, readBytes(reader.secret, saltBytes), info)
  const part = (name: string, length: number): Uint8Array =>
    deriveBytes(key, salt, utf8(`Content-Encoding: ${name}\0`)).subarray(0, length)
  const sealed = aes128Seal(part('aes128gcm', keyBytes), part('nonce', nonceBytes), concat(plain, delimiter, padding))
  const size = Uint8Array.of(0, 0, recordBytes >> 8, recordBytes & 255)
  return concat(salt, size, Uint8Array.of(ownPublic.length), ownPublic, sealed)
}

/** What a push service knows a sender by. Browsers are told the public half when they subscribe. */
export interface VapidKey {
  readonly signing: P256SigningKey
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array
}

/** Of 32 private bytes. Throws BAD_SHAPE. */
export const vapidKeyFrom = (privateKey: Uint8Array): VapidKey => ({
  signing: p256SigningKey(readBytes(privateKey, privateBytes)),
  publicKey: p256PublicBytes(privateKey),
})

/** As operators and browsers write it: base64url of the 32 private bytes. Throws BAD_SHAPE. */
export const readVapidKey = (text: string): VapidKey => vapidKeyFrom(fromBase64url(text.trim()))

export interface VapidClaims {
  /** As pushOriginOf() gives it. */
  readonly origin: string
  /** `mailto:` or `https:`, where the sender can be reached. */
  readonly subject: string
  /** Epoch seconds, at most 24 hours ahead. */
  readonly expiresAt: number
}

const jsonPart = (value: object): string => toBase64url(utf8(JSON.stringify(value)))

/** The value of an `Authorization` header. */
export function vapidAuthorization(
  { signing, publicKey }: VapidKey,
  { origin, subject, expiresAt }: VapidClaims,
): string {
  const claims = { aud: origin, exp: expiresAt, sub: subject }
  const signed = `${jsonPart({ typ: 'JWT', alg: 'ES256' })}.${jsonPart(claims)}`
  return `vapid t=${signed}.${toBase64url(p256Sign(signing, utf8(signed)))}, k=${toBase64url(publicKey)}`
}

/** A notification that a browser can show without asking the page's own code. */
export interface PushNotice {
  readonly title: string
  readonly body?: string
  /** Where a click leads to, seen from the page's service worker. */
  readonly navigate: string
  /** The next of the same tag replaces it. */
  readonly tag?: string
  readonly silent?: boolean
  /** For the service worker: any JSON. */
  readonly data?: unknown
}

const declarativeVersion = 8030

/**
 * A declarative push message (W3C Push API, "declarative push message"): browsers that know it show it even where the service
 * worker fails, others hand it to the service worker as it is. `badge` is the number on the app's icon.
 */
export const declarativePush = (notification: PushNotice, badge?: number): Uint8Array =>
  utf8(
    JSON.stringify({
      web_push: declarativeVersion,
      notification,
      ...(badge === undefined ? {} : { app_badge: badge }),
      mutable: true,
    }),
  )
