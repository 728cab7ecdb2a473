/** Keeps the house behind its lock: opens it by a key slot, and shuts it on demand or when its owner is away. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type {
  KeySlotInfo,
  KeySlotKind,
  LockSettings,
  NewKeySlot,
  NewKeySlotAnswer,
  PassphraseStrength,
  UnlockRequest,
} from '../../protocol/http-access.ts'
import type { RandomBytes } from '../store/seal.ts'
import type { Store } from '../store/store.ts'
import type { Vault } from '../store/vault.ts'
import type { Timers } from '../timers.ts'
import { readIdleMinutes, writeIdleMinutes } from './idle-setting.ts'
import { IdleWatch } from './idle-watch.ts'
import { passphraseStrength } from './passphrase.ts'
import { secretOf, Slots } from './slots.ts'
import { Turns } from './turns.ts'

/** Everything that needs keys. */
export interface House {
  /** The store is the keeper's to close. `hurries`: what others are told may be lost. */
  close(hurries?: boolean): Promise<void>
}

export interface KeeperDeps {
  readonly vault: Vault
  /** Opens the house over a store, and lets people in. */
  readonly openHouse: (store: Store) => Promise<House>
  /** Nobody is let in from now on. Runs before the house is closed, and at once where it is sure to be; may run when it is shut already. */
  readonly onLock: () => void
  /** Locking by itself failed, or opening once more. */
  readonly onFailed: (error: unknown) => void
  readonly timers: Timers
  readonly randomBytes: RandomBytes
}

interface Open {
  readonly store: Store
  readonly house: House
}

/** Between attempts to open a house that could not be opened anew: twice as long each time. */
const firstRetryMs = 1_000
const mostRetryMs = 60_000

export class Keeper {
  readonly #deps: KeeperDeps
  readonly #slots: Slots
  readonly #idle: IdleWatch
  #open: Open | undefined
  readonly #turns = new Turns()
  /** The house is to be opened anew, and could not be yet. */
  #isDue = false
  /** Calls off what would open the house. */
  #callOff: () => void = () => undefined

  constructor(deps: KeeperDeps) {
    this.#deps = deps
    this.#slots = new Slots(deps)
    this.#idle = new IdleWatch(deps.timers, () => {
      this.lock().catch((error: unknown) => {
        // The passphrase was removed meanwhile: there is nothing to lock with.
        if (errorCode(error) !== 'CONFLICT') deps.onFailed(error)
      })
    })
  }

  /** Opens the house if the key file is there. False if only its owner can open it. Rejects as Vault.openByFile() and openHouse. */
  async start(): Promise<boolean> {
    return await this.#turns.awake(async () => {
      const store = await this.#deps.vault.openByFile()
      if (store !== undefined) await this.#moveIn(store)
      return store !== undefined
    })
  }

  /** Rejects with WRONG_PASSPHRASE, RATE_LIMITED, and as openHouse. An open house is asked nothing. */
  async unlock(request: UnlockRequest): Promise<void> {
    if (this.#open !== undefined) return
    await this.#slots.trying(
      async () =>
        await this.#turns.awake(async () => {
          if (this.#open === undefined) await this.#moveIn(await this.#deps.vault.openBySecret(secretOf(request)))
        }),
    )
  }

  /**
   * Resolves once keys and rooms are gone. Rejects with CONFLICT if nothing but the key file could open the house again; nothing
   * has changed then.
   */
  async lock(): Promise<void> {
    // At once, before the turn comes, if it is sure by then that somebody can unlock.
    if (this.#slots.canLockAfterRemovals) this.#deps.onLock()
    await this.#turns.run(async () => {
      const open = this.#open
      if (open !== undefined && !this.#slots.canLock) {
        throw new WarrenError('CONFLICT', 'set a passphrase first: without one nobody could unlock')
      }
      // Also if it was opened while this waited.
      this.#deps.onLock()
      this.#callOff()
      this.#isDue = false
      this.#idle.stop()
      this.#open = undefined
      try {
        await open?.house.close()
      } finally {
        await this.#deps.vault.shut()
      }
    })
  }

  /** Closes house and store and keeps the keys, until wake(). Keys and rooms of a locked home stay where they are. */
  async sleep(): Promise<void> {
    await this.#turns.run(async () => {
      if (this.#turns.isAsleep) return
      this.#turns.isAsleep = true
      this.#deps.onLock()
      this.#callOff()
      this.#idle.pause()
      const open = this.#open
      this.#open = undefined
      try {
        await open?.house.close(true)
      } finally {
        await this.#deps.vault.rest()
      }
    })
  }

  /**
   * Opens what sleep() closed; a home whose owner has been away for too long meanwhile is locked. Rejects as openHouse, and sleeps on
   * then.
   */
  async wake(): Promise<void> {
    await this.#turns.run(async () => {
      if (!this.#turns.isAsleep) return
      const { vault, openHouse } = this.#deps
      if (this.#idle.isOver() && this.#slots.canLock) {
        this.#idle.stop()
        await vault.shut()
      }
      const store = await vault.rouse()
      try {
        if (store !== undefined) this.#open = { store, house: await openHouse(store) }
      } catch (error) {
        await vault.rest()
        throw error
      }
      this.#turns.isAsleep = false
      this.#idle.goOn()
      if (this.#isDue) this.#openLater(firstRetryMs)
    })
  }

  /**
   * Closes the house and opens it again over the same store: it is another one's from now on. Rejects as openHouse; it is shut then,
   * and where the key file opens it that is tried again until it does.
   */
  async reopen(): Promise<void> {
    await this.#turns.run(async () => {
      const open = this.#open
      if (open === undefined) return
      this.#deps.onLock()
      this.#idle.stop()
      this.#open = undefined
      try {
        await this.#moveOver(open)
      } catch (error) {
        this.#openLater(firstRetryMs)
        throw error
      }
    })
  }

  async #moveOver({ house, store }: Open): Promise<void> {
    try {
      await house.close()
    } catch (error) {
      await this.#deps.vault.shut()
      throw error
    }
    await this.#moveIn(store)
  }

  /** Nobody could unlock a home that has no passphrase: it opens by its key file, as it would at a start. */
  #openLater(ms: number): void {
    const { timers, vault, onFailed } = this.#deps
    this.#isDue = true
    this.#callOff()
    this.#callOff = timers.after(ms, () => {
      const trying = this.#turns.awake(async () => {
        const store = this.#open === undefined ? await vault.openByFile() : undefined
        if (store !== undefined) await this.#moveIn(store)
      })
      trying.catch((error: unknown) => {
        if (this.#turns.isOver || this.#turns.isAsleep) return
        onFailed(error)
        this.#openLater(Math.min(2 * ms, mostRetryMs))
      })
    })
  }

  /** By kind; empty where the keyring has only slots of a newer Warren. */
  slots(): KeySlotInfo[] {
    return this.#slots.all()
  }

  strength(passphrase: string): PassphraseStrength {
    return passphraseStrength(passphrase)
  }

  /** See Slots.checkNew() and Slots.add(). */
  async addSlot(slot: NewKeySlot, trusted: boolean): Promise<NewKeySlotAnswer> {
    await this.#slots.checkNew(slot, trusted)
    return await this.#turns.awake(async () => {
      const open = this.#open
      const idleMinutes = open === undefined ? 0 : readIdleMinutes(open.store)
      const answer = await this.#slots.add(slot)
      // The time may have been over while nothing could lock; now something can.
      if (open !== undefined) this.#idle.start(idleMinutes)
      return answer
    })
  }

  /** See Slots.remove(). */
  async removeSlot(kind: KeySlotKind, current: UnlockRequest | undefined, trusted: boolean): Promise<void> {
    await this.#slots.checkOwner(current, trusted)
    await this.#slots.remove(kind, async (removing) => await this.#turns.awake(removing))
  }

  settings(): LockSettings {
    const open = this.#open
    return { idleMinutes: open === undefined ? 0 : readIdleMinutes(open.store), canLock: this.#slots.canLock }
  }

  /** Rejects with CONFLICT if nothing but the key file could open the house again. */
  async setIdleMinutes(minutes: number): Promise<void> {
    const open = this.#open
    if (open === undefined) throw new WarrenError('LOCKED', 'the daemon is locked')
    if (minutes > 0 && !this.#slots.canLock) throw new WarrenError('CONFLICT', 'set a passphrase first')
    await writeIdleMinutes(open.store, minutes)
    if (this.#open === open) this.#idle.start(minutes)
  }

  /** The owner did something. */
  touch(): void {
    this.#idle.touch()
  }

  /** Locks if the owner was away for too long. */
  look(): void {
    this.#idle.look()
  }

  /** Closes the house for good; the store stays open. Nothing opens it again. */
  async moveOut(): Promise<void> {
    await this.#turns.run(async () => {
      this.#idle.stop()
      this.#callOff()
      this.#turns.isOver = true
      await this.#open?.house.close()
    })
  }

  async #moveIn(store: Store): Promise<void> {
    try {
      const idleMinutes = readIdleMinutes(store)
      this.#open = { store, house: await this.#deps.openHouse(store) }
      this.#isDue = false
      this.#idle.start(idleMinutes)
    } catch (error) {
      await this.#deps.vault.shut()
      throw error
    }
  }

  /** See Slots.checkOwner(). */
  async checkOwner(current: UnlockRequest | undefined, trusted: boolean): Promise<void> {
    await this.#slots.checkOwner(current, trusted)
  }
}
