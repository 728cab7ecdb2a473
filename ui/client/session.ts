/** The session: swaps a one-use code for a key that scripts cannot read, and proves it anew at each start (docs/api.md). */

import type { PairAnswer, SessionChallenge } from '../../protocol/http-access.ts'
import { fromBase64url, toBase64url } from './base64url.ts'
import { browserLabel } from './browser-label.ts'
import { database } from './database.ts'
import { request } from './request.ts'

interface KeptSession {
  id: string
  key: CryptoKey
}

/** The daemon on this port does not know our secret: it is someone else. */
export class ImpostorError extends Error {}

const current = async (): Promise<KeptSession | undefined> =>
  (await database.get('session', 'current')) as KeptSession | undefined

export async function forgetSession(): Promise<void> {
  await database.delete('session', 'current')
}

const freshNonce = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(16)))

/** The same one if the tab is reloaded before the answer is kept: the daemon then answers the same again. */
function pairingNonce(code: string): string {
  try {
    const kept = sessionStorage.getItem(`pairing ${code}`) ?? freshNonce()
    sessionStorage.setItem(`pairing ${code}`, kept)
    return kept
  } catch {
    return freshNonce() // this browser keeps nothing for us
  }
}

/** Call once the code is out of the address bar: until then a reload comes back with it. */
export function forgetPairing(code: string): void {
  try {
    sessionStorage.removeItem(`pairing ${code}`)
  } catch {
    // Nothing was kept.
  }
}

/** Throws ApiError BAD_CODE if the code is used up or too old. */
export async function pair(code: string): Promise<void> {
  const body = { code, nonce: pairingNonce(code), label: browserLabel() }
  const answer = await request<PairAnswer>('POST', '/session/pair', { body })
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', fromBase64url(answer.secret), algorithm, false, ['sign', 'verify'])
  await database.put('session', 'current', { id: answer.sessionId, key } satisfies KeptSession)
}

/** Answers the bearer token; undefined without a session. Throws ImpostorError, ApiError. */
export async function proveSession(): Promise<string | undefined> {
  const session = await current()
  if (session === undefined) return undefined
  const { id: sessionId, key } = session
  const own = freshNonce()
  const challenge = await request<SessionChallenge>('POST', '/session/hello', { body: { sessionId, nonce: own } })
  const said = (who: string): Uint8Array<ArrayBuffer> =>
    new TextEncoder().encode(`warren/1/${who}\0${sessionId}\0${own}\0${challenge.nonce}`)
  const sign = async (who: string): Promise<string> =>
    toBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, said(who))))
  if (!(await crypto.subtle.verify('HMAC', key, fromBase64url(challenge.proof), said('daemon')))) {
    throw new ImpostorError('the daemon could not prove itself')
  }
  const body = { sessionId, nonce: challenge.nonce, proof: await sign('page') }
  await request('POST', '/session/prove', { body })
  return await sign('token')
}
