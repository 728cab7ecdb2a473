/** How the stand-in for Apple's server judges provider tokens: JWTs (RFC 7519) under ES256, not too old and not too often new. */

import { verify, type KeyObject } from 'node:crypto'
import { refusals, type Refusal } from './apns-refusals.ts'

export interface ProviderKey {
  readonly keyId: string
  readonly teamId: string
  readonly publicKey: KeyObject
}

const hourMs = 3_600_000
/** No sooner than this may a provider come with another token. */
const leastAgeMs = 20 * 60_000

interface Shown {
  readonly token: string
  readonly since: number
}

export class ProviderTokens {
  readonly #keys: readonly ProviderKey[]
  readonly #now: () => number
  /** By key and team. */
  readonly #shown = new Map<string, Shown>()
  /** How many different ones were accepted. */
  accepted = 0

  constructor(keys: readonly ProviderKey[], now: () => number) {
    this.#keys = keys
    this.#now = now
  }

  /** What is wrong with an `authorization` header; undefined if nothing is. */
  judge(authorization: string | undefined): Refusal | undefined {
    const token = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return refusals.MissingProviderToken
    const [head = '', claims = '', signature = '', ...more] = token.split('.')
    const { alg, kid } = readPart(head)
    const { iss, iat } = readPart(claims)
    const key = this.#keys.find(({ keyId }) => keyId === kid)
    if (key === undefined || more.length > 0 || alg !== 'ES256' || iss !== key.teamId || typeof iat !== 'number') {
      return refusals.InvalidProviderToken
    }
    const raw = Buffer.from(signature, 'base64url')
    const signed = Buffer.from(`${head}.${claims}`)
    if (!verify('sha256', signed, { key: key.publicKey, dsaEncoding: 'ieee-p1363' }, raw)) {
      return refusals.InvalidProviderToken
    }
    const now = this.#now()
    if (iat * 1000 > now + leastAgeMs) return refusals.InvalidProviderToken
    if (now - iat * 1000 > hourMs) return refusals.ExpiredProviderToken
    return this.#notice(`${key.keyId} ${key.teamId}`, token, now)
  }

  #notice(holder: string, token: string, now: number): Refusal | undefined {
    const last = this.#shown.get(holder)
    if (last?.token === token) return undefined
    if (last !== undefined && now - last.since < leastAgeMs) return refusals.TooManyProviderTokenUpdates
    this.#shown.set(holder, { token, since: now })
    this.accepted += 1
    return undefined
  }
}

function readPart(part: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
