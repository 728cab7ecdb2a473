/** Apple, as one provider meets it: a stand-in for each environment, both of which know its key. */

import { generateKeyPairSync } from 'node:crypto'
import type { ApnsOptions } from '../../../pnserver/push/apns.ts'
import type { ProviderKey } from '../../../pnserver/push/provider-token.ts'
import { openApnsStandIn, type ApnsStandIn } from './apns-stand-in.ts'

export const topic = 'org.example.warren'
const names = { keyId: 'ABC123DEFG', teamId: 'TEAM123456' }

export interface Apple {
  readonly production: ApnsStandIn
  readonly sandbox: ApnsStandIn
  /** Of a provider that both let in. */
  readonly config: ApnsOptions
}

export interface AppleOptions {
  readonly topics: readonly string[]
  readonly now: () => number
  /** Streams at a time that it allows. */
  readonly streams?: number
}

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { publicKey, pem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string }
}

/** A key that no stand-in knows. */
export const someKey = (): ProviderKey => ({ ...names, pem: newKey().pem })

const serverOf = ({ address, ca }: ApnsStandIn): { origin: string; ca: string } => ({
  origin: `https://${address}`,
  ca,
})

export async function openApple({ topics, ...more }: AppleOptions): Promise<Apple> {
  const { publicKey, pem } = newKey()
  const options = { keys: [{ ...names, publicKey }], topics: [...topics], ...more }
  const [production, sandbox] = [await openApnsStandIn(options), await openApnsStandIn({ ...options, isSandbox: true })]
  const servers = { production: serverOf(production), sandbox: serverOf(sandbox) }
  return { production, sandbox, config: { key: { ...names, pem }, topics: [...topics], servers } }
}
