/** A device that sleeps, as its owner's daemon would act for it, and contacts that wake it. */

import { randomBytes } from 'node:crypto'
import type { SigningKey } from '../../../protocol/crypto.ts'
import { publicBytes } from '../../../protocol/crypto.ts'
import { personIdOf } from '../../../protocol/ids.ts'
import { serverKeyFor, wakeKeysFor, type WakeKeys } from '../../../protocol/wake-keys.ts'
import * as wake from '../../../protocol/wake.ts'
import type { Answer, Asking } from './rig.ts'

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
export const bytesOf = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text), 'base64url'))

/** Where codes come out for the device. */
interface Screen {
  next(): Promise<{ readonly note: Uint8Array }>
}

/** A server and its push services, as far as devices know of them. */
export interface Surroundings {
  readonly server: { readonly origin: string }
  readonly apple: Screen
  readonly browsers: Screen
  readonly now: () => number
  readonly post: (path: string, body: unknown, asking?: Asking) => Promise<Answer>
}

let addresses = 0
/** An address that nobody else in the test has. */
export const fromNowhere = (): Asking => {
  addresses += 1
  return { headers: { 'x-forwarded-for': `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}` } }
}

export interface Registration {
  readonly target: wake.PushTarget
  readonly attestation: Uint8Array
}

export class Sleeper {
  readonly secret = randomBytes(32)
  readonly key: SigningKey
  readonly target: wake.PushTarget
  readonly #rig: Surroundings

  constructor(rig: Surroundings, over: Partial<wake.PushTarget> = {}) {
    this.#rig = rig
    this.key = serverKeyFor(this.secret, rig.server.origin)
    this.target = {
      platform: 'apns',
      environment: 'production',
      topic: 'org.example.warren',
      token: new Uint8Array(randomBytes(32)),
      ...over,
    }
  }

  /** What it derives for a contact, whose person is one byte repeated. */
  keysFor(contact: number, revision = 0): WakeKeys {
    return wakeKeysFor(this.secret, personIdOf(new Uint8Array(32).fill(contact)), revision)
  }

  claim(over: Record<string, unknown> = {}, signed: Partial<wake.TokenClaim> = {}): Record<string, unknown> {
    const { platform, environment, topic, token } = this.target
    const nonce = new Uint8Array(randomBytes(16))
    const claim = { ...this.target, origin: this.#rig.server.origin, nonce, ...signed }
    const sig = base64(wake.signTokenClaim(this.key, claim))
    const devicePk = base64(publicBytes(this.key))
    return { platform, env: environment, topic, token: base64(token), devicePk, nonce: base64(nonce), sig, ...over }
  }

  codeClaim(pendingId: unknown, code: Uint8Array, over: Record<string, unknown> = {}): Record<string, unknown> {
    const claim = { origin: this.#rig.server.origin, pendingId: bytesOf(pendingId), code }
    return { pendingId, code: base64(code), sig: base64(wake.signCodeClaim(this.key, claim)), ...over }
  }

  /** Says that the token is its own, hears the code and shows it. */
  async register(): Promise<Uint8Array> {
    const provider = this.target.platform === 'apns' ? this.#rig.apple : this.#rig.browsers
    const coming = provider.next()
    const { json } = await this.#rig.post('/v1/tokens', this.claim(), fromNowhere())
    const claim = this.codeClaim(json['pendingId'], (await coming).note)
    const verified = await this.#rig.post('/v1/tokens/verify', claim, fromNowhere())
    return bytesOf(verified.json['attestation'])
  }

  row(keys: WakeKeys, attestation: Uint8Array, over: Record<string, unknown> = {}): Record<string, unknown> {
    const sealed = wake.sealTarget(keys.capability, { ...this.target, attestation }, new Uint8Array(randomBytes(32)))
    const [id, revokeHash] = [wake.rowIdOf(keys.capability), wake.revokeHashOf(keys.revokeSecret)]
    return { id: base64(id), ct: base64(sealed), revokeHash: base64(revokeHash), ...over }
  }

  async put(attestation: Uint8Array, rows: readonly unknown[], over: Record<string, unknown> = {}): Promise<Answer> {
    const { platform, environment, topic, token } = this.target
    const body = { attestation: base64(attestation), platform, env: environment, topic, rows }
    const tokenHash = base64(wake.tokenHashOf(token))
    return await this.#rig.post('/v1/rows', { ...body, tokenHash, ...over }, { method: 'PUT', ...fromNowhere() })
  }

  /** Registers, and leaves a row for each contact. */
  async settle(...contacts: readonly number[]): Promise<Uint8Array> {
    const attestation = await this.register()
    await this.put(
      attestation,
      contacts.map((contact) => this.row(this.keysFor(contact), attestation)),
    )
    return attestation
  }

  async revoke(keys: Pick<WakeKeys, 'capability' | 'revokeSecret'>): Promise<Answer> {
    const body = { id: base64(wake.rowIdOf(keys.capability)), revokeSecret: base64(keys.revokeSecret) }
    return await this.#rig.post('/v1/rows/revoke', body, fromNowhere())
  }
}

export const wakeBody = (capability: Uint8Array, rig: Surroundings, over: Partial<wake.Wake> = {}): Uint8Array =>
  wake.encodeWakeBody({
    capability,
    class: 'message',
    sentAt: rig.now(),
    nonce: new Uint8Array(randomBytes(16)),
    note: new Uint8Array(randomBytes(160)),
    ...over,
  })

export async function sendWake(rig: Surroundings, body: Uint8Array, asking: Asking = fromNowhere()): Promise<Answer> {
  return await rig.post('/v1/wake', body, asking)
}

/** Wakes that end in a push, each: nine contacts of each phone, three wakes of each. */
export async function* pushedWakes(rig: Surroundings): AsyncGenerator<Uint8Array> {
  const contacts = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  for (;;) {
    const phone = new Sleeper(rig)
    await phone.settle(...contacts)
    for (const each of [...contacts, ...contacts, ...contacts]) yield wakeBody(phone.keysFor(each).capability, rig)
  }
}
