/** The contacts of this home, in memory and in the store. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import { contactRow, newRecord, readContactRow, type ContactRecord, type RecordState } from './contact-record.ts'

export class ContactBook {
  readonly #store: Store
  readonly #bus: Bus
  readonly #now: () => number
  /** As the owner and peers last left them: what is decided next rests on them, durable or not. */
  readonly #records = new Map<PersonId, ContactRecord>()
  readonly #durable = new Map<PersonId, ContactRecord>()
  readonly #byDevice = new Map<DeviceId, PersonId>()
  /** Who went on as whom, the one that they are now first. */
  readonly #movedFrom = new Map<PersonId, PersonId>()
  readonly #counts = new Map<RecordState, number>()
  /** Where each record lies. Used again once free, so that strangers who come and go leave nothing behind. */
  readonly #slots = new Map<PersonId, number>()
  readonly #doubtful = new Set<PersonId>()

  constructor(store: Store, bus: Bus, now: () => number) {
    this.#store = store
    this.#bus = bus
    this.#now = now
    store.onFailed(() => this.#storeFailed())
  }

  async load(): Promise<void> {
    for (const { at, value } of await this.#store.range(tables.contact)) {
      const record = readContactRow(value)
      this.#slots.set(record.person, at[0] ?? 0)
      this.#durable.set(record.person, record)
      this.#remember(record.person, record)
    }
  }

  get(person: PersonId): ContactRecord | undefined {
    return this.#records.get(person)
  }

  /** The record that counts a device as its person's. */
  ofDevice(device: DeviceId): ContactRecord | undefined {
    const person = this.#byDevice.get(device)
    return person === undefined ? undefined : this.#records.get(person)
  }

  /** The contact that goes on as this person; of several the one of whom that was said last. */
  movedFrom(person: PersonId): ContactRecord | undefined {
    const before = this.#movedFrom.get(person)
    return before === undefined ? undefined : this.#records.get(before)
  }

  all(): ContactRecord[] {
    return [...this.#records.values()]
  }

  count(state: RecordState): number {
    return this.#counts.get(state) ?? 0
  }

  /** Says that something changed which shows in a contact and does not stand in its record. */
  tellAgain(person: PersonId): void {
    const record = this.#records.get(person)
    if (record?.hidden === false) this.#publish(record)
  }

  /** Throws NOT_FOUND. */
  require(person: PersonId): ContactRecord {
    const record = this.#records.get(person)
    if (record === undefined || record.hidden) throw new WarrenError('NOT_FOUND', 'no such contact')
    return record
  }

  /** Changes a record, or begins one; durable when it resolves. Nothing is written where nothing changes. */
  async change(person: PersonId, change: Partial<Omit<ContactRecord, 'person'>>): Promise<ContactRecord> {
    const before = this.#records.get(person)
    const after: ContactRecord = { ...(before ?? newRecord(person, 'outgoing', this.#now())), ...change }
    const row = contactRow(after)
    if (before !== undefined && Buffer.compare(contactRow(before), row) === 0) return before
    // In memory first: a second hello in the same moment must not begin a second request.
    this.#remember(person, after)
    const key = this.#key(this.#slotOf(person))
    await this.#write(person, after, (batch) => batch.put(key, row))
    this.#durable.set(person, after)
    this.#publish(after)
    return after
  }

  async remove(person: PersonId): Promise<void> {
    if (!this.#records.has(person)) return
    const slot = this.#slotOf(person)
    this.#remember(person, undefined)
    await this.#write(person, undefined, (batch) => batch.delete(this.#key(slot)))
    this.#durable.delete(person)
    if (!this.#records.has(person)) this.#slots.delete(person)
    this.#bus.publish({ type: 'contact-gone', person })
  }

  async #write(person: PersonId, after: ContactRecord | undefined, build: (batch: Batch) => void): Promise<void> {
    try {
      await this.#store.commit(build)
    } catch (error) {
      this.#doubtful.add(person)
      // A later change, which holds this one too, may still reach the disk.
      if (this.#records.get(person) === after) this.#remember(person, this.#durable.get(person))
      throw error
    }
  }

  #remember(person: PersonId, record: ContactRecord | undefined): void {
    const before = this.#records.get(person)
    if (before !== undefined) {
      this.#counts.set(before.state, this.count(before.state) - 1)
      const { movedTo } = before
      if (movedTo !== undefined && this.#movedFrom.get(movedTo.person) === person)
        this.#movedFrom.delete(movedTo.person)
      for (const device of before.devices) if (this.#byDevice.get(device) === person) this.#byDevice.delete(device)
    }
    if (record === undefined) {
      this.#records.delete(person)
      return
    }
    this.#records.set(person, record)
    this.#counts.set(record.state, this.count(record.state) + 1)
    if (record.movedTo !== undefined) this.#movedFrom.set(record.movedTo.person, person)
    for (const device of record.devices) if (!this.#byDevice.has(device)) this.#byDevice.set(device, person)
  }

  #storeFailed(): void {
    for (const person of this.#doubtful) {
      const found = this.#stored(person)
      // Unless a change that is still to be written has the last word.
      if (this.#records.get(person) === this.#durable.get(person)) this.#remember(person, found)
      if (found === undefined) this.#durable.delete(person)
      else this.#durable.set(person, found)
      this.#bus.publish({ type: found === undefined ? 'contact-gone' : 'contact', person })
    }
    this.#doubtful.clear()
  }

  /** What the disk says; what was there before if it cannot be read. */
  #stored(person: PersonId): ContactRecord | undefined {
    const slot = this.#slots.get(person)
    try {
      const row = slot === undefined ? undefined : this.#store.get(this.#key(slot))
      return row === undefined ? undefined : readContactRow(row)
    } catch (error) {
      if (error instanceof WarrenError) return this.#durable.get(person)
      throw error
    }
  }

  #publish({ person, hidden }: ContactRecord): void {
    this.#bus.publish({ type: hidden ? 'contact-gone' : 'contact', person })
  }

  #slotOf(person: PersonId): number {
    let slot = this.#slots.get(person)
    if (slot === undefined) {
      const used = new Set(this.#slots.values())
      slot = 0
      while (used.has(slot)) slot += 1
      this.#slots.set(person, slot)
    }
    return slot
  }

  #key(slot: number): Key {
    return { table: tables.contact, at: [slot] }
  }
}
