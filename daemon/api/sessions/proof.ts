/** The HMACs by which a page and its daemon know each other without sending the secret. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface Hello {
  readonly sessionId: string
  /** Both base64url of 16 bytes. */
  readonly pageNonce: string
  readonly daemonNonce: string
}

/**
 * The key that a page at `host` gets: HMAC-SHA-256 under the session's secret over `warren/1/site\0<sessionId>\0<host>`.
 * Whoever takes the port of a daemon that is down may let the page's key sign whatever it likes: so the place is in the key,
 * not in the text, and what is signed with it counts at no other port.
 */
export const siteKey = (secret: Uint8Array, sessionId: string, host: string): Uint8Array =>
  createHmac('sha256', secret).update(`warren/1/site\0${sessionId}\0${host}`).digest()

/** base64url HMAC-SHA-256 over `warren/1/<who>\0<sessionId>\0<page's nonce>\0<daemon's nonce>`. */
export function proof(key: Uint8Array, who: 'daemon' | 'page' | 'token', hello: Hello): string {
  const said = `warren/1/${who}\0${hello.sessionId}\0${hello.pageNonce}\0${hello.daemonNonce}`
  return createHmac('sha256', key).update(said).digest('base64url')
}

export const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Takes the same time wherever the texts differ, and whatever their lengths. */
export const equalSecrets = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
