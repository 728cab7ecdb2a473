/** The card of the owner: what the newest of their devices' cards says is what they are called on all of them. */

import { encodeCard, readCard, registerKeys, replaces, type Register } from '../../protocol/register.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { Registers } from '../registers/registers.ts'
import { checkCard, type Profile, type ProfileData } from './profile.ts'

export interface OwnCardDeps {
  readonly self: { readonly person: PersonId; readonly device: DeviceId }
  readonly registers: Registers
  readonly profile: Profile
  readonly bus: Bus
}

export class OwnCard {
  readonly #deps: OwnCardDeps
  /** One after the other: what is told was made of what is known. */
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: OwnCardDeps) {
    this.#deps = deps
  }

  /**
   * Before anybody is heard: a device that was linked just now says what it was told then, or the first card of another day that
   * reaches it would be newer. Durable when it resolves. Throws STORE_….
   */
  async begin(): Promise<void> {
    const { self, registers, profile } = this.#deps
    await this.#inTurn(async () => {
      if (registers.get(self.person, self.device, registerKeys.card) !== undefined) return await this.#take()
      await this.#say(profile.data)
    })
  }

  /** The owner changes it here; durable when it resolves. Throws BAD_SHAPE, TOO_LARGE, STORE_…. */
  async change(change: Partial<ProfileData>): Promise<void> {
    const { profile } = this.#deps
    await this.#inTurn(async () => {
      const data = { ...profile.data, ...change }
      checkCard(data)
      // The card first: after a crash in between, begin() takes it.
      await this.#say(data)
      await profile.change(change)
    })
  }

  /** A card of another device came: the newest counts, in whatever order they come. Throws STORE_…, and as readCard(). */
  async heard(): Promise<void> {
    await this.#inTurn(async () => await this.#take())
  }

  async #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(task)
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async #say(data: ProfileData): Promise<void> {
    const { self, registers } = this.#deps
    await registers.set(self.person, registerKeys.card, encodeCard(data), this.#newest()?.hlc)
  }

  async #take(): Promise<void> {
    const { profile, bus, registers } = this.#deps
    const newest = this.#newest()
    if (newest === undefined) return
    const { name, status, color } = readCard(newest.value)
    const { data } = profile
    if (data.name !== name || data.status !== status || data.color !== color) {
      await profile.change({ name, status, color })
      bus.publish({ type: 'me' })
    }
    // Of a device that is removed nothing counts any more: what it said last stands here, too.
    await registers.repeat(newest)
  }

  #newest(): Register | undefined {
    const { self, registers } = this.#deps
    const cards = registers.named(self.person, registerKeys.card)
    return cards.reduce<Register | undefined>((best, each) => (replaces(each, best) ? each : best), undefined)
  }
}
