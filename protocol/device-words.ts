/**
 * What makes a new device and an old one of its person sure of each other: a commitment that is opened later, and words that both
 * screens show. docs/protocol.md, section 23.
 */

import { concat, label } from './bytes.ts'
import { encode } from './codec.ts'
import { sha256 } from './crypto.ts'
import { deviceBytes, idBytes, type DeviceId, type PersonId } from './ids.ts'
import { spellBits } from './words.ts'

/** The three keys that a linking is about. */
export interface DevicePair {
  /** The device of the person. */
  readonly old: DeviceId
  /** Who is at the other end of the connection: what the new device was called until now. */
  readonly asking: DeviceId
  /** The key that the new device wants to join with. */
  readonly joining: DeviceId
}

/** How many words are compared: 44 bits, for a single try. */
const comparedWords = 4

/** What the new device says first: its nonce (32 random bytes) is fixed by it, and not yet known. */
export const nonceCommitment = (joining: DeviceId, nonce: Uint8Array): Uint8Array =>
  sha256(label('device-commit'), deviceBytes(joining), nonce)

/** Three keys of 32 bytes, each at its own place. */
export const pairBytes = ({ old, asking, joining }: DevicePair): Uint8Array =>
  concat(deviceBytes(old), deviceBytes(asking), deviceBytes(joining))

/** What the new device signs with its new key, to ask an old one whether it belongs. */
export const resumeMessage = (person: PersonId, { old, asking }: Omit<DevicePair, 'joining'>): Uint8Array =>
  concat(label('device-resume'), sha256(encode([idBytes(person), deviceBytes(old), deviceBytes(asking)])))

/** What both screens show. Each nonce has 32 bytes. */
export function wordsToCompare(
  person: PersonId,
  pair: DevicePair,
  nonces: { readonly joining: Uint8Array; readonly old: Uint8Array },
): string[] {
  const about = [idBytes(person), pairBytes(pair), nonces.joining, nonces.old]
  return spellBits(sha256(label('device-words'), encode(about)), comparedWords)
}
