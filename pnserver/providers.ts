/** Opens the push services that the operator has keys for. */

import { readFileSync } from 'node:fs'
import { toBase64url } from '../protocol/base64url.ts'
import { readVapidKey } from '../protocol/web-push.ts'
import type { AppleOptions, WebPushOptions } from './options.ts'
import type { Platforms } from './platforms.ts'
import { openApnsProvider } from './push/apns.ts'
import type { PushProvider } from './push/provider.ts'
import { WebPushProvider } from './push/web-push.ts'

export interface OpenedProviders {
  readonly providers: readonly PushProvider[]
  readonly platforms: Platforms
}

interface ProviderOptions {
  readonly apple: AppleOptions | undefined
  readonly webPush: WebPushOptions | undefined
}

/** Throws if a key cannot be read. */
export async function openProviders({ apple, webPush }: ProviderOptions): Promise<OpenedProviders> {
  const providers: PushProvider[] = []
  if (apple !== undefined) {
    const { keyFile, keyId, teamId, topics } = apple
    providers.push(await openApnsProvider({ key: { pem: readFileSync(keyFile, 'utf8'), keyId, teamId }, topics }))
  }
  let publicKey: string | undefined
  if (webPush !== undefined) {
    const { keyFile, subject, hosts } = webPush
    const key = readVapidKey(readFileSync(keyFile, 'utf8'))
    publicKey = toBase64url(key.publicKey)
    providers.push(new WebPushProvider({ key, subject, moreHosts: hosts }))
  }
  const platforms = {
    ...(apple === undefined ? {} : { apns: { topics: apple.topics } }),
    ...(publicKey === undefined ? {} : { webpush: { publicKey } }),
  }
  return { providers, platforms }
}
