/**
 * Who owns a token: a code that is pushed to it and comes back signed earns the server's word, which a row then holds. Nothing is kept
 * meanwhile: what is pending, its code and the word follow from the server's secret.
 */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { hmac } from '../protocol/crypto.ts'
import { WarrenError } from '../protocol/errors.ts'
import { checkCodeClaim, tokenHashOf, wakeSizes, type CodeClaim, type PushTarget } from '../protocol/wake.ts'
import { dayOf } from './days.ts'
import { dayMs, pnLimits } from './limits.ts'

/** A target by the hash of its token. */
export interface HashedTarget extends Omit<PushTarget, 'token'> {
  readonly tokenHash: Uint8Array
}

export const hashTarget = ({ token, ...rest }: PushTarget): HashedTarget => ({ ...rest, tokenHash: tokenHashOf(token) })

/** What an attestation says beside that it is ours. */
export interface Attested {
  /** Random, the same for all rows of one registration. */
  readonly tag: Uint8Array
  readonly issuedMs: number
  readonly expiresDay: number
}

export interface Pending {
  readonly pendingId: Uint8Array
  /** For the token's owner alone. */
  readonly code: Uint8Array
}

const version = 1
const minuteMs = 60_000
const macBytes = 32
const tagBytes = 16
const keyBytes = 32
const hashBytes = 32

/** Where things are in an attestation, and in what is pending: version, minute, random or tag, then the rest. */
const places = { minute: 1, tag: 5, mac: 5 + tagBytes } as const
const pendingPlaces = { devicePk: 5 + tagBytes, target: 5 + tagBytes + keyBytes } as const

function minuteBytes(ms: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(Math.floor(ms / minuteMs))
  return out
}

/** One spelling of one target. */
function targetBytes({ platform, environment, topic, tokenHash }: HashedTarget): Buffer {
  const words = [platform, environment, topic].join('\0')
  return Buffer.concat([tokenHash, Buffer.from(words)])
}

const same = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && timingSafeEqual(one, other)

export class Attestor {
  readonly #secrets: readonly Uint8Array[]
  readonly #origin: string

  /** The first secret makes, all of them are believed: so they can be changed. */
  constructor(secrets: readonly Uint8Array[], origin: string) {
    this.#secrets = secrets
    this.#origin = origin
  }

  /** What a device that says it owns a token has to come back with. */
  begin(target: HashedTarget, devicePk: Uint8Array, nowMs: number): Pending {
    const front = Buffer.concat([Buffer.of(version), minuteBytes(nowMs), randomBytes(tagBytes), devicePk])
    const body = Buffer.concat([front, targetBytes(target)])
    const [secret] = this.#secrets
    return { pendingId: Buffer.concat([body, mac(secret, 'pending', body)]), code: codeOf(secret, body) }
  }

  /** The attestation, the same however often it is asked for. Throws BAD_CODE, BAD_SIGNATURE. */
  finish(claim: Omit<CodeClaim, 'origin'>, signature: Uint8Array, nowMs: number): { bytes: Uint8Array } & Attested {
    const body = Buffer.from(claim.pendingId.subarray(0, -macBytes))
    const proof = claim.pendingId.subarray(-macBytes)
    const secret = this.#secrets.find((each) => same(mac(each, 'pending', body), proof))
    const isOurs = secret !== undefined && body.length > pendingPlaces.target + hashBytes && body[0] === version
    const begunMs = isOurs ? body.readUInt32BE(places.minute) * minuteMs : 0
    if (!isOurs || nowMs - begunMs > pnLimits.codeMs)
      throw new WarrenError('BAD_CODE', 'there is no such request, or it took too long')
    checkCodeClaim(
      body.subarray(pendingPlaces.devicePk, pendingPlaces.target),
      { ...claim, origin: this.#origin },
      signature,
    )
    if (!same(codeOf(secret, body), claim.code)) throw new WarrenError('BAD_CODE', 'this is not the code')
    const tag = mac(secret, 'tag', body).subarray(0, tagBytes)
    const front = Buffer.concat([Buffer.of(version), minuteBytes(begunMs), tag])
    const attestation = Buffer.concat([front, mac(secret, 'attest', front, body.subarray(pendingPlaces.target))])
    return { bytes: attestation, ...attested(attestation) }
  }

  /** What our own word about this very target says; undefined if it is none, or ran out. */
  check(attestation: Uint8Array, target: HashedTarget, nowMs: number): Attested | undefined {
    if (attestation.length !== wakeSizes.attestation || attestation[0] !== version) return undefined
    const front = attestation.subarray(0, places.mac)
    const about = targetBytes(target)
    const isOurs = this.#secrets.some((each) =>
      same(mac(each, 'attest', front, about), attestation.subarray(places.mac)),
    )
    const found = attested(Buffer.from(attestation))
    return isOurs && nowMs < found.issuedMs + pnLimits.attestationDays * dayMs ? found : undefined
  }
}

const mac = (secret: Uint8Array | undefined, name: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  hmac(secret ?? new Uint8Array(0), Buffer.concat([Buffer.from(`warren-pn/1/${name}\0`), ...parts]))

const codeOf = (secret: Uint8Array | undefined, body: Uint8Array): Uint8Array =>
  mac(secret, 'code', body).subarray(0, wakeSizes.code)

function attested(attestation: Buffer): Attested {
  const issuedMs = attestation.readUInt32BE(places.minute) * minuteMs
  return {
    tag: new Uint8Array(attestation.subarray(places.tag, places.mac)),
    issuedMs,
    expiresDay: dayOf(issuedMs + pnLimits.attestationDays * dayMs) - 1,
  }
}
