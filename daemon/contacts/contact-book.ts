/** The contacts of this home, in memory and in the store. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import { tables, type Key, type Store } from '../store/store.ts'
import { contactRow, newRecord, readContactRow, type ContactRecord, type RecordState } from './contact-record.ts'

export class ContactBook {
  readonly #store: Store
  readonly #bus: Bus
  readonly #now: () => number
  readonly #records = new Map<PersonId, ContactRecord>()

  constructor(store: Store, bus: Bus, now: () => number) {
    this.#store = store
    this.#bus = bus
    this.#now = now
  }

  async load(): Promise<void> {
    for (const { value } of await this.#store.range(tables.contact)) {
      const record = readContactRow(value)
      this.#records.set(record.person, record)
    }
  }

  get(person: PersonId): ContactRecord | undefined {
    return this.#records.get(person)
  }

  /** The record that counts a device as its person's. */
  ofDevice(device: DeviceId): ContactRecord | undefined {
    for (const record of this.#records.values()) if (record.devices.includes(device)) return record
    return undefined
  }

  all(): ContactRecord[] {
    return [...this.#records.values()]
  }

  count(state: RecordState): number {
    return this.all().filter((each) => each.state === state).length
  }

  /** Throws NOT_FOUND. */
  require(person: PersonId): ContactRecord {
    const record = this.#records.get(person)
    if (record === undefined || record.state === 'declined') throw new WarrenError('NOT_FOUND', 'no such contact')
    return record
  }

  /** Changes a record, or begins one; durable when it resolves. Nothing is written where nothing changes. */
  async change(person: PersonId, change: Partial<Omit<ContactRecord, 'person'>>): Promise<ContactRecord> {
    const before = this.#records.get(person)
    const after: ContactRecord = { ...(before ?? newRecord(person, 'outgoing', this.#now())), ...change }
    const row = contactRow(after)
    if (before !== undefined && Buffer.compare(contactRow(before), row) === 0) return before
    // In memory first: a second hello in the same moment must not begin a second request.
    this.#records.set(person, after)
    try {
      await this.#store.commit((batch) => batch.put(this.#key(this.#store.numberFor(batch, person)), row))
    } catch (error) {
      if (before === undefined) this.#records.delete(person)
      else this.#records.set(person, before)
      throw error
    }
    this.#publish(after)
    return after
  }

  async remove(person: PersonId): Promise<void> {
    if (!this.#records.has(person)) return
    await this.#store.commit((batch) => batch.delete(this.#key(this.#store.numberFor(batch, person))))
    this.#records.delete(person)
    this.#bus.publish({ type: 'contact-gone', person })
  }

  #publish({ person, state }: ContactRecord): void {
    this.#bus.publish(state === 'declined' ? { type: 'contact-gone', person } : { type: 'contact', person })
  }

  #key(number: number): Key {
    return { table: tables.contact, at: [number] }
  }
}
