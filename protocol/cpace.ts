/**
 * CPace: two who share a short secret agree on a key, and whoever does not know the secret has one guess for each exchange and learns
 * nothing to go on with alone. draft-irtf-cfrg-cpace, cipher suite CPACE-RISTR255-SHA512, initiator and responder.
 */

import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { concat, utf8 } from './bytes.ts'
import { hmac, sha512 } from './crypto.ts'
import { WarrenError } from './errors.ts'

/** What both sides must put in alike. */
export interface CpaceInputs {
  /** The shared secret (PRS), however short. */
  readonly secret: Uint8Array
  /** Who talks with whom (CI). */
  readonly channel: Uint8Array
  /** Of this exchange alone (sid). */
  readonly session: Uint8Array
}

/** One side's public message: its share (Ya or Yb, 32 bytes), and what it says with it (ADa or ADb). */
export interface CpaceMessage {
  readonly share: Uint8Array
  readonly data: Uint8Array
}

/** Both, in the order in which they are sent. */
export interface CpaceMessages {
  readonly initiator: CpaceMessage
  readonly responder: CpaceMessage
}

const group = utf8('CPaceRistretto255')
const keyLabel = utf8('CPaceRistretto255_ISK')
const macLabel = utf8('CPaceMac')
/** The input block of SHA-512. */
const blockBytes = 128

function leb128(value: number): Uint8Array {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest & 127) | 128)
    rest >>>= 7
  }
  return Uint8Array.from([...out, rest])
}

const prefixed = (bytes: Uint8Array): Uint8Array => concat(leb128(bytes.length), bytes)

/** `lv_cat` of the draft. */
const withLengths = (...parts: readonly Uint8Array[]): Uint8Array => concat(...parts.map((part) => prefixed(part)))

/** `generator_string` of the draft. */
export function generatorString({ secret, channel, session }: CpaceInputs): Uint8Array {
  const zeros = Math.max(0, blockBytes - prefixed(secret).length - prefixed(group).length - 1)
  return withLengths(group, secret, new Uint8Array(zeros), channel, session)
}

/** The point that both sides begin with. */
const generatorOf = (inputs: CpaceInputs): InstanceType<typeof ristretto255.Point> => {
  const point = ristretto255_hasher.deriveToCurve?.(sha512(generatorString(inputs)))
  if (point === undefined) throw new WarrenError('BAD_SHAPE', 'the library derives no points')
  return point
}

/** A number of 32 bytes, the lowest byte first. */
function readScalar(bytes: Uint8Array): bigint {
  let scalar = 0n
  for (const byte of bytes.toReversed()) scalar = (scalar << 8n) | BigInt(byte)
  return scalar
}

/** A secret scalar from 64 random bytes: every one from 1 to the group's order less one, as good as equally often. */
export const drawScalar = (random64: Uint8Array): bigint =>
  (readScalar(random64) % (ristretto255.Point.Fn.ORDER - 1n)) + 1n

/** This side's share. `scalar`: of drawScalar(), for one exchange alone. */
export const cpaceShare = (inputs: CpaceInputs, scalar: bigint): Uint8Array =>
  new Uint8Array(generatorOf(inputs).multiply(scalar).toBytes())

/** The point that only these two can compute. Throws BAD_SHAPE for a share that is no point, or the neutral one. */
export function sharedPoint(scalar: bigint, theirs: Uint8Array): Uint8Array {
  try {
    const point = ristretto255.Point.fromBytes(theirs)
    if (!point.is0()) return new Uint8Array(point.multiply(scalar).toBytes())
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'a share that is no point', { cause })
  }
  throw new WarrenError('BAD_SHAPE', 'a share that says nothing')
}

/** The key that both hold if their inputs were the same (ISK, 64 bytes). `scalar`: the own one; `theirs`: the other side's share. Throws BAD_SHAPE. */
export const cpaceKey = (
  session: Uint8Array,
  scalar: bigint,
  theirs: Uint8Array,
  { initiator, responder }: CpaceMessages,
): Uint8Array =>
  sha512(
    withLengths(keyLabel, session, sharedPoint(scalar, theirs)),
    withLengths(initiator.share, initiator.data),
    withLengths(responder.share, responder.data),
  )

/** What each side shows to prove that it holds the key: 32 bytes each, HMAC-SHA-256 over what it said itself. */
export function cpaceProofs(
  session: Uint8Array,
  key: Uint8Array,
  { initiator, responder }: CpaceMessages,
): { initiator: Uint8Array; responder: Uint8Array } {
  const macKey = sha512(macLabel, session, key)
  const proof = ({ share, data }: CpaceMessage): Uint8Array => hmac(macKey, withLengths(share, data))
  return { initiator: proof(initiator), responder: proof(responder) }
}
