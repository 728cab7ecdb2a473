/** The three HMACs by which a page and its daemon know each other without sending the secret. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface Hello {
  readonly sessionId: string
  /** Both base64url of 16 bytes. */
  readonly pageNonce: string
  readonly daemonNonce: string
}

/** base64url HMAC-SHA-256 over `warren/1/<who>\0<sessionId>\0<page's nonce>\0<daemon's nonce>`. */
export function proof(secret: Uint8Array, who: 'daemon' | 'page' | 'token', hello: Hello): string {
  const said = `warren/1/${who}\0${hello.sessionId}\0${hello.pageNonce}\0${hello.daemonNonce}`
  return createHmac('sha256', secret).update(said).digest('base64url')
}

export const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Takes the same time wherever the texts differ, and whatever their lengths. */
export const equalSecrets = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
