/** What a device that sleeps derives for each of its contacts, and gives them: nothing of it has to be kept to be known again. */

import { concat, label, utf8 } from './bytes.ts'
import { encode, readBytes } from './codec.ts'
import { deriveBytes, signingKeyFromSeed, type SigningKey } from './crypto.ts'
import { idBytes, type PersonId } from './ids.ts'
import { wakeSizes } from './wake.ts'

/** All that belongs to one contact until it is revoked; then a new one has a later revision. */
export interface WakeKeys {
  /** Whoever has it may wake. 32 bytes. */
  readonly capability: Uint8Array
  /** Takes that back. 32 bytes; never given away but to the server that is to take it back. */
  readonly revokeSecret: Uint8Array
  /** Seals the notes of this contact; the server never sees it. 32 bytes. */
  readonly noteKey: Uint8Array
}

const noSalt = new Uint8Array(0)

/** `secret`: 32 bytes that this device never gives away. `revision` counts up from 0 for each contact. */
export function wakeKeysFor(secret: Uint8Array, contact: PersonId, revision: number): WakeKeys {
  const derive = (name: string): Uint8Array =>
    deriveBytes(readBytes(secret, 32), noSalt, concat(label(name), encode([idBytes(contact), revision])))
  return {
    capability: derive('wake-capability'),
    revokeSecret: derive('wake-revoke'),
    noteKey: derive('wake-note-key'),
  }
}

/** The key that a device signs with to one push server: it is not the device's own, and another one for each server. */
export const serverKeyFor = (secret: Uint8Array, origin: string): SigningKey =>
  signingKeyFromSeed(deriveBytes(readBytes(secret, 32), noSalt, concat(label('wake-server'), utf8(origin))))

/** What a contact is given over the link, as the grant of a `wake` register or frame: 64 bytes. */
export const encodeGrant = ({ capability, noteKey }: Pick<WakeKeys, 'capability' | 'noteKey'>): Uint8Array =>
  concat(readBytes(capability, wakeSizes.capability), readBytes(noteKey, 32))

/** Throws BAD_SHAPE. */
export function readGrant(grant: Uint8Array): Pick<WakeKeys, 'capability' | 'noteKey'> {
  readBytes(grant, wakeSizes.capability + 32)
  return { capability: grant.slice(0, wakeSizes.capability), noteKey: grant.slice(wakeSizes.capability) }
}
