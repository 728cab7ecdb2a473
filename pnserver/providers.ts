/** Opens the push services that the operator has keys for. */

import { readFileSync } from 'node:fs'
import type { AppleOptions, WebPushOptions } from './options.ts'
import type { Platforms } from './platforms.ts'
import { openApnsProvider } from './push/apns.ts'
import type { PushProvider } from './push/provider.ts'

export interface OpenedProviders {
  readonly providers: readonly PushProvider[]
  readonly platforms: Platforms
}

interface ProviderOptions {
  readonly apple: AppleOptions | undefined
  readonly webPush: WebPushOptions | undefined
}

/** Throws if a key cannot be read. */
export async function openProviders({ apple }: ProviderOptions): Promise<OpenedProviders> {
  const providers: PushProvider[] = []
  if (apple !== undefined) {
    const { keyFile, keyId, teamId, topics } = apple
    providers.push(await openApnsProvider({ key: { pem: readFileSync(keyFile, 'utf8'), keyId, teamId }, topics }))
  }
  return { providers, platforms: apple === undefined ? {} : { apns: { topics: apple.topics } } }
}
