/** The token by which Apple knows whose server this is ("Establishing a token-based connection to APNs"). */

import { importPKCS8, SignJWT, type CryptoKey } from 'jose'
import { WarrenError } from '../../protocol/errors.ts'
import type { Timers } from './waiting.ts'

export interface ProviderKey {
  /** What Apple gives out as a .p8 file: PKCS #8, PEM. */
  readonly pem: string
  /** Ten letters and digits each, as Apple shows them. */
  readonly keyId: string
  readonly teamId: string
}

interface Made {
  readonly text: Promise<string>
  /** Epoch milliseconds. */
  readonly at: number
}

const minuteMs = 60_000
/** Apple takes one for an hour, and refuses another one within twenty minutes. */
export const tokenAges = { renewMs: 40 * minuteMs, leastMs: 20 * minuteMs } as const

export class ProviderToken {
  readonly #key: CryptoKey
  readonly #names: Pick<ProviderKey, 'keyId' | 'teamId'>
  readonly #timers: Timers
  #made: Made | undefined

  constructor(key: CryptoKey, names: Pick<ProviderKey, 'keyId' | 'teamId'>, timers: Timers) {
    this.#key = key
    this.#names = names
    this.#timers = timers
  }

  /** The one of now; the same for 40 minutes. */
  async current(): Promise<string> {
    const age = this.#age()
    if (this.#made === undefined || age >= tokenAges.renewMs || age < 0) return await this.#make()
    return await this.#made.text
  }

  /** Another one after Apple called `token` too old; undefined if it is so young that the clock must be wrong. */
  async after(token: string): Promise<string | undefined> {
    const current = await this.current()
    if (current !== token) return current
    return this.#age() < tokenAges.leastMs ? undefined : await this.#make()
  }

  #age(): number {
    return this.#timers.now() - (this.#made?.at ?? 0)
  }

  async #make(): Promise<string> {
    const { keyId, teamId } = this.#names
    const at = this.#timers.now()
    const text = new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setIssuedAt(Math.floor(at / 1000))
      .sign(this.#key)
    this.#made = { text, at }
    return await text
  }
}

/** Throws BAD_SHAPE for what is no key of Apple's; the message names no part of it. */
export async function openProviderToken({ pem, keyId, teamId }: ProviderKey, timers: Timers): Promise<ProviderToken> {
  for (const name of [keyId, teamId]) {
    if (!/^[A-Z\d]{10}$/.test(name)) {
      throw new WarrenError('BAD_SHAPE', 'a key id and a team id of Apple have ten letters and digits')
    }
  }
  try {
    return new ProviderToken(await importPKCS8(pem, 'ES256'), { keyId, teamId }, timers)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'the key for Apple is not a .p8 file with a P-256 key', { cause })
  }
}
