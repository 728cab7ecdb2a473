/** What a device that sleeps asks of its push server: docs/protocol.md, section 24. */

import { fromBase64url, toBase64url } from '../../protocol/base64url.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { publicBytes, type SigningKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import {
  signCodeClaim,
  signTokenClaim,
  tokenHashOf,
  wakeSizes,
  type PushTarget,
  type WakeTarget,
} from '../../protocol/wake.ts'
import type { Answer, Ask, Asking } from './ask.ts'
import { mostPendingBytes } from './wake-rows.ts'

export interface NewRow {
  readonly id: Uint8Array
  readonly sealed: Uint8Array
  readonly revokeHash: Uint8Array
  /** Proves that an earlier row was this device's. */
  readonly revokeSecret: Uint8Array
}

export type RowResult = 'stored' | 'refused' | 'full'

export interface Attestation {
  readonly bytes: Uint8Array
  /** The last day, since 1970, on which the server believes it. */
  readonly expiresDay: number
}

/** How long a server asked to be left alone, with what it was refused with. */
export const retryAfterOf = (error: unknown): number => {
  const details = error instanceof WarrenError && error.code === 'RATE_LIMITED' ? error.details : undefined
  return typeof details === 'number' ? details : 0
}

const noServer = (cause?: unknown): WarrenError =>
  new WarrenError('NOT_WARREN', 'what answers there is no push server', { cause })

type Fields = Readonly<Record<string, unknown>>

function fieldsOf({ body }: Answer): Fields {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noServer()
    return value as Fields
  } catch (error) {
    throw noServer(error)
  }
}

function bytesIn(fields: Fields, name: string, length?: number): Uint8Array {
  const value = fields[name]
  try {
    const bytes = fromBase64url(typeof value === 'string' ? value : '!')
    if (bytes.length === 0 || (length !== undefined && bytes.length !== length)) throw noServer()
    return bytes
  } catch (error) {
    throw errorCode(error) === 'NOT_WARREN' ? error : noServer(error)
  }
}

/** The year 4707: later days are none that a grant, or a calendar, could name. */
const lastDay = 1e6

const placeOf = ({ platform, environment, topic }: PushTarget) => ({ platform, env: environment, topic })
const resultOf = (value: unknown): RowResult => {
  if (value !== 'stored' && value !== 'refused' && value !== 'full') throw noServer()
  return value
}

/** Everything rejects as Ask does, and with NOT_WARREN, NOT_ALLOWED for what the server refuses, RATE_LIMITED, UNREACHABLE while it has trouble. */
export class ServerClient {
  readonly #ask: Ask
  readonly #origin: string

  constructor(ask: Ask, origin: string) {
    this.#ask = ask
    this.#origin = origin
  }

  /** That it is a push server which calls itself by this very name: what devices sign for one is good for no other. */
  async check(): Promise<void> {
    const { origin, version } = fieldsOf(await this.#get('/v1/info'))
    if (typeof version !== 'string') throw noServer()
    if (origin !== this.#origin)
      throw new WarrenError('NOT_WARREN', 'the push server there is set up for another address')
  }

  /** Has a code pushed to the token, which comes with the next push if it is the device's own. `nonce`: 16 fresh random bytes. */
  async register(key: SigningKey, target: PushTarget, nonce: Uint8Array): Promise<Uint8Array> {
    const claim = { ...target, origin: this.#origin, nonce }
    const answer = await this.#json('POST', '/v1/tokens', 202, {
      ...placeOf(target),
      token: toBase64url(target.token),
      devicePk: toBase64url(publicBytes(key)),
      nonce: toBase64url(nonce),
      sig: toBase64url(signTokenClaim(key, claim)),
    })
    const pendingId = bytesIn(fieldsOf(answer), 'pendingId')
    if (pendingId.length > mostPendingBytes) throw noServer()
    return pendingId
  }

  async verify(key: SigningKey, pendingId: Uint8Array, code: Uint8Array): Promise<Attestation> {
    const answer = await this.#json('POST', '/v1/tokens/verify', 200, {
      pendingId: toBase64url(pendingId),
      code: toBase64url(code),
      sig: toBase64url(signCodeClaim(key, { origin: this.#origin, pendingId, code })),
    })
    const fields = fieldsOf(answer)
    const { expiresDay } = fields
    if (typeof expiresDay !== 'number' || !Number.isSafeInteger(expiresDay) || expiresDay < 0 || expiresDay > lastDay)
      throw noServer()
    return { bytes: bytesIn(fields, 'attestation', wakeSizes.attestation), expiresDay }
  }

  /** At most wakeRows.aCall; what became of each, in their order. */
  async putRows({ attestation, ...target }: WakeTarget, rows: readonly NewRow[]): Promise<RowResult[]> {
    const answer = await this.#json('PUT', '/v1/rows', 200, {
      attestation: toBase64url(attestation),
      ...placeOf(target),
      tokenHash: toBase64url(tokenHashOf(target.token)),
      rows: rows.map(({ id, sealed, revokeHash, revokeSecret }) => ({
        id: toBase64url(id),
        ct: toBase64url(sealed),
        revokeHash: toBase64url(revokeHash),
        revokeSecret: toBase64url(revokeSecret),
      })),
    })
    const { results } = fieldsOf(answer)
    if (!Array.isArray(results) || results.length !== rows.length) throw noServer()
    return results.map((each) => resultOf(each))
  }

  async revoke(id: Uint8Array, revokeSecret: Uint8Array): Promise<void> {
    const body = { id: toBase64url(id), revokeSecret: toBase64url(revokeSecret) }
    await this.#json('POST', '/v1/rows/revoke', 204, body)
  }

  async #get(path: string): Promise<Answer> {
    return checked(await this.#ask(this.#origin, { method: 'GET', path, timeoutMs: limits.pushAnswerMs }), 200)
  }

  async #json(method: Asking['method'], path: string, expected: number, body: unknown): Promise<Answer> {
    const asking = { method, path, type: 'application/json', timeoutMs: limits.pushAnswerMs } as const
    return checked(await this.#ask(this.#origin, { ...asking, body: utf8(JSON.stringify(body)) }), expected)
  }
}

function checked(answer: Answer, expected: number): Answer {
  const { status, retryAfterMs } = answer
  if (status === expected) return answer
  if (status === 429)
    throw new WarrenError('RATE_LIMITED', 'the push server is asked too often', { details: retryAfterMs })
  if (status >= 500) throw new WarrenError('UNREACHABLE', 'the push server has trouble')
  if (status === 400 || status === 401 || status === 403 || status === 413)
    throw new WarrenError('NOT_ALLOWED', 'the push server refuses that')
  throw noServer()
}
