/** That somebody asked to be let into a group by a link, as one of their devices signs it: nobody is let in unasked. */

import { signBytes, type SigningKey } from './crypto.ts'
import { isSignedBy } from './device-key.ts'
import { deviceBytes, type ConversationId, type DeviceId, type EntryId, type PersonId } from './ids.ts'
import { limits } from './limits.ts'
import { joinMessage } from './operation-proofs.ts'

export interface Consent {
  /** Of the person who asks. */
  readonly device: DeviceId
  /** By its clock, epoch milliseconds. */
  readonly askedAt: number
  /** 64 bytes by the device over joinMessage(). */
  readonly signature: Uint8Array
}

/** What somebody asks for. */
export interface Wanted {
  readonly group: ConversationId
  readonly invite: EntryId
  readonly person: PersonId
}

export function signConsent(wanted: Wanted, device: DeviceId, askedAt: number, key: SigningKey): Consent {
  return { device, askedAt, signature: signBytes(key, joinMessage({ ...wanted, device, askedAt })) }
}

/** Whether its device signed a consent, to this. Whose device that is has to be asked of their log. */
export const isConsented = (wanted: Wanted, { device, askedAt, signature }: Consent): boolean =>
  isSignedBy(deviceBytes(device), joinMessage({ ...wanted, device, askedAt }), signature)

/** Whether a consent may still be used at a time, in epoch milliseconds. */
export const isFresh = ({ askedAt }: Pick<Consent, 'askedAt'>, wallMs: number): boolean =>
  wallMs - askedAt <= limits.joinConsentMs
