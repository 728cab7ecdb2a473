/** What `GET /v1/info` says of the push services that are served. */

import type { PushPlatform } from '../protocol/wake.ts'

export interface PlatformInfo {
  /** Apple's names of the apps that it sends to. */
  readonly topics?: readonly string[]
  /** What a browser wants to know of who sends (RFC 8292): the uncompressed point, in base64url. */
  readonly publicKey?: string
}

/** A platform that is not served is absent. */
export type Platforms = Readonly<Partial<Record<PushPlatform, PlatformInfo>>>
