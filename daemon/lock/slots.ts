/** The key slots of a home, and who may change them: only whoever could open it. */

import { WarrenError } from '../../protocol/errors.ts'
import type {
  KeySlotInfo,
  KeySlotKind,
  NewKeySlot,
  NewKeySlotAnswer,
  UnlockRequest,
} from '../../protocol/http-access.ts'
import type { RandomBytes } from '../store/seal.ts'
import { removeSlot } from '../store/slot-changes.ts'
import type { Secret } from '../store/slot-opener.ts'
import type { Vault } from '../store/vault.ts'
import type { Timers } from '../timers.ts'
import { Attempts } from './attempts.ts'
import { makeSlot } from './new-slot.ts'
import { checkPassphrase } from './passphrase.ts'
import { slotInfos } from './slot-infos.ts'

export interface SlotsDeps {
  readonly vault: Vault
  readonly timers: Timers
  readonly randomBytes: RandomBytes
}

export class Slots {
  readonly #deps: SlotsDeps
  readonly #attempts: Attempts
  /** Asked for and not over. */
  readonly #removals = new Set<{ readonly kind: KeySlotKind }>()

  constructor(deps: SlotsDeps) {
    this.#deps = deps
    this.#attempts = new Attempts(() => deps.timers.now())
  }

  /** By kind; empty where the keyring has only slots of a newer Warren. */
  all(): KeySlotInfo[] {
    return slotInfos(this.#deps.vault.slots)
  }

  /** Somebody could open the home again who has no key file. */
  get canLock(): boolean {
    return this.all().some(({ kind }) => kind !== 'file')
  }

  /** Also once the removals that were asked for are done. */
  get canLockAfterRemovals(): boolean {
    const leaving = new Set([...this.#removals].map(({ kind }) => kind))
    return this.all().some(({ kind }) => kind !== 'file' && !leaving.has(kind))
  }

  /** Tries what somebody knows, not too often. Rejects with RATE_LIMITED, and as `attempt` does. */
  async trying(attempt: () => Promise<void>): Promise<void> {
    await this.#attempts.run(attempt)
  }

  /**
   * Somebody at an unlocked page must not shut the owner out, nor let themselves in for later. `trusted`: asked by somebody who can
   * read the home. Rejects with WRONG_PASSPHRASE, RATE_LIMITED.
   */
  async checkOwner(current: UnlockRequest | undefined, trusted: boolean): Promise<void> {
    const kinds = this.all().map(({ kind }) => kind)
    if (kinds.every((kind) => kind === 'file') || (trusted && kinds.includes('file'))) return
    const secret = secretOf(current ?? {})
    await this.#attempts.run(async () => await this.#deps.vault.check(secret))
  }

  /** Whether a slot may be added. Rejects with WEAK_PASSPHRASE, and as checkOwner(). */
  async checkNew(slot: NewKeySlot, trusted: boolean): Promise<void> {
    if (slot.kind === 'passphrase') checkPassphrase(slot.passphrase ?? '')
    await this.checkOwner(slot.current, trusted)
  }

  /** Adds a slot, or changes the one of its kind. */
  async add(slot: NewKeySlot): Promise<NewKeySlotAnswer> {
    const { vault, timers, randomBytes } = this.#deps
    return await makeSlot(vault, slot, timers.now(), randomBytes)
  }

  /** Removes a slot when its turn comes. Rejects with NOT_FOUND, or CONFLICT for the last slot. */
  async remove(kind: KeySlotKind, inTurn: (removing: () => Promise<void>) => Promise<void>): Promise<void> {
    const removal = { kind }
    this.#removals.add(removal)
    try {
      await inTurn(async () => await removeSlot(this.#deps.vault, kind))
    } finally {
      this.#removals.delete(removal)
    }
  }
}

/** Throws WRONG_PASSPHRASE where there is none. */
export function secretOf({ passphrase, recoveryKey }: UnlockRequest): Secret {
  if (passphrase !== undefined) return { passphrase }
  if (recoveryKey !== undefined) return { recoveryKey }
  throw new WarrenError('WRONG_PASSPHRASE', 'the passphrase or the recovery key is needed')
}
