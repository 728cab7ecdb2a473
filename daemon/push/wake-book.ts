/** The rows of waking, in memory and in the store. */

import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { tables, type Store } from '../store/store.ts'
import {
  givenRow,
  mostTroubles,
  noRegistration,
  readGivenRow,
  readRegistrationRow,
  readTroubleRow,
  readWokenRow,
  registrationRow,
  troubleRow,
  wokenRow,
  type Given,
  type Registration,
} from './wake-rows.ts'

const kinds = { registration: 0, given: 1, woken: 2, troubles: 3 } as const
const registrationAt = { table: tables.wake, at: [kinds.registration] }
const troublesAt = { table: tables.wake, at: [kinds.troubles] }

export class WakeBook {
  readonly #store: Store
  readonly #given = new Map<PersonId, Given>()
  readonly #woken = new Map<DeviceId, readonly number[]>()
  readonly #troubles = new Map<string, number>()
  #registration = noRegistration

  /** Use WakeBook.open(). */
  constructor(store: Store) {
    this.#store = store
  }

  /** Rejects with STORE_…. */
  static async open(store: Store): Promise<WakeBook> {
    const book = new WakeBook(store)
    for (const { at, value } of await store.range(tables.wake)) {
      if (at[0] === kinds.registration) book.#registration = readRegistrationRow(value)
      if (at[0] === kinds.given) book.#put(readGivenRow(value))
      if (at[0] === kinds.troubles)
        for (const { server, since } of readTroubleRow(value)) book.#troubles.set(server, since)
      if (at[0] === kinds.woken) {
        const { device, times } = readWokenRow(value)
        book.#woken.set(device, times)
      }
    }
    return book
  }

  get registration(): Registration {
    return this.#registration
  }

  /** Durable when it resolves, as everything here. */
  async register(registration: Registration): Promise<void> {
    await this.#store.commit((batch) => batch.put(registrationAt, registrationRow(registration)))
    this.#registration = registration
  }

  /** Of all who were ever given something. */
  given(): readonly Given[] {
    return [...this.#given.values()]
  }

  givenTo(person: PersonId): Given {
    return this.#given.get(person) ?? { person, revision: 0, server: '', mark: new Uint8Array(0), removed: 0, owed: [] }
  }

  async give(all: readonly Given[]): Promise<void> {
    if (all.length === 0) return
    await this.#store.commit((batch) => {
      for (const each of all) {
        const at = [kinds.given, this.#store.numberFor(batch, each.person)]
        batch.put({ table: tables.wake, at }, givenRow(each))
      }
    })
    for (const each of all) this.#put(each)
  }

  /** When a device was woken, oldest first. */
  wokenAt(device: DeviceId): readonly number[] {
    return this.#woken.get(device) ?? []
  }

  async woke(device: DeviceId, times: readonly number[]): Promise<void> {
    this.#woken.set(device, times)
    await this.#store.commit((batch) => {
      const at = [kinds.woken, this.#store.numberFor(batch, device)]
      batch.put({ table: tables.wake, at }, wokenRow({ device, times }))
    })
  }

  /** Epoch milliseconds, if nothing came right at this server since. */
  troubledSince(server: string): number | undefined {
    return this.#troubles.get(server)
  }

  async trouble(server: string, since: number | undefined): Promise<void> {
    if (this.#troubles.get(server) === since) return
    if (since === undefined) this.#troubles.delete(server)
    else this.#troubles.set(server, since)
    const all = [...this.#troubles].map(([each, from]) => ({ server: each, since: from })).slice(-mostTroubles)
    await this.#store.commit((batch) => batch.put(troublesAt, troubleRow(all)))
  }

  #put(given: Given): void {
    this.#given.set(given.person, given)
  }
}
