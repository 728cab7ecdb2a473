/** What the API asks of the lock. daemon.ts hands it in. */

import type {
  KeySlotInfo,
  KeySlotKind,
  LockSettings,
  NewKeySlot,
  NewKeySlotAnswer,
  PassphraseStrength,
  UnlockRequest,
} from '../../protocol/http-access.ts'

export interface Keys {
  /** Resolves once the house is open. Rejects with WRONG_PASSPHRASE or RATE_LIMITED. */
  unlock(request: UnlockRequest): Promise<void>
  /** Resolves once all keys are gone. Rejects with CONFLICT if nobody could unlock. */
  lock(): Promise<void>
  slots(): KeySlotInfo[]
  strength(passphrase: string): PassphraseStrength
  /** `trusted`: asked on the unix socket, by somebody who can read the home. */
  addSlot(slot: NewKeySlot, trusted: boolean): Promise<NewKeySlotAnswer>
  /** Rejects with WRONG_PASSPHRASE, RATE_LIMITED unless `current` is what the owner knows; asked for as by addSlot(). */
  checkOwner(current: UnlockRequest | undefined, trusted: boolean): Promise<void>
  removeSlot(kind: KeySlotKind, current: UnlockRequest | undefined, trusted: boolean): Promise<void>
  settings(): LockSettings
  setIdleMinutes(minutes: number): Promise<void>
  /** Locks, before it returns, if the owner was away for too long. */
  look(): void
  /** The owner did something. */
  touch(): void
}
