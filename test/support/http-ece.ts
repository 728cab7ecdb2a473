/** The encryption of browsers' pushes as another project wrote it, with types. */

import { createRequire } from 'node:module'
import type { ECDH } from 'node:crypto'

interface EceParameters {
  readonly version: 'aes128gcm'
  readonly privateKey: ECDH
  /** Of the browser, base64url. */
  readonly authSecret: string
}

/** It has no types of its own. */
const ece = createRequire(import.meta.url)('http_ece') as {
  readonly decrypt: (body: Buffer, parameters: EceParameters) => Buffer
}

/** What a browser reads in the body of a push. Throws if it cannot. */
export const openPush = (body: Uint8Array, privateKey: ECDH, secret: Uint8Array): Buffer =>
  ece.decrypt(Buffer.from(body), {
    version: 'aes128gcm',
    privateKey,
    authSecret: Buffer.from(secret).toString('base64url'),
  })
