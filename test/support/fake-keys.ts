/** A lock without a house: one passphrase, and what the API asked of it. */

import type { Keys } from '../../daemon/api/keys.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { KeySlotInfo, KeySlotKind, LockSettings, NewKeySlot, UnlockRequest } from '../../protocol/http-access.ts'

export interface FakeKeysDeps {
  readonly unlocked: () => void
  readonly locked: () => void
}

export class FakeKeys implements Keys {
  passphrase = 'correct horse battery'
  idleMinutes = 0
  /** The next look() finds the owner gone. */
  isIdle = false
  touches = 0
  readonly asked: string[] = []
  readonly #deps: FakeKeysDeps

  constructor(deps: FakeKeysDeps) {
    this.#deps = deps
  }

  async unlock({ passphrase }: UnlockRequest): Promise<void> {
    this.#check(passphrase)
    this.#deps.unlocked()
  }

  async lock(): Promise<void> {
    this.#deps.locked()
  }

  slots(): KeySlotInfo[] {
    return [{ kind: 'file' }, { kind: 'passphrase', madeAt: 7 }]
  }

  strength(passphrase: string): ReturnType<Keys['strength']> {
    return passphrase.length < 12
      ? { verdict: 'short', bits: 1, enough: false }
      : { verdict: 'good', bits: 60, enough: true }
  }

  async addSlot({ kind, current }: NewKeySlot, trusted: boolean): ReturnType<Keys['addSlot']> {
    if (!trusted) this.#check(current?.passphrase)
    this.asked.push(`add ${kind}`)
    return kind === 'recovery' ? { recoveryKey: 'ABCD' } : {}
  }

  async checkOwner(current: UnlockRequest | undefined, trusted: boolean): Promise<void> {
    if (!trusted) this.#check(current?.passphrase)
  }

  async removeSlot(kind: KeySlotKind, current: UnlockRequest | undefined, trusted: boolean): Promise<void> {
    if (!trusted) this.#check(current?.passphrase)
    this.asked.push(`remove ${kind}`)
  }

  settings(): LockSettings {
    return { idleMinutes: this.idleMinutes, canLock: true }
  }

  async setIdleMinutes(minutes: number): Promise<void> {
    this.idleMinutes = minutes
  }

  look(): void {
    if (!this.isIdle) return
    this.isIdle = false
    this.#deps.locked()
  }

  touch(): void {
    this.touches += 1
  }

  #check(passphrase: string | undefined): void {
    if (passphrase !== this.passphrase) throw new WarrenError('WRONG_PASSPHRASE', 'this is not the passphrase')
  }
}
