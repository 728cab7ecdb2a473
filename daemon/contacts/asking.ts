/** Asks people to become contacts: whom the owner met, whose link they have, whom they know, or share a group with. */

import { readContactLink, type ContactLink } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { mostDevices, withAddresses, withDevice, decidedAt, type ContactRecord } from './contact-record.ts'
import type { ContactsDeps, Met } from './contacts.ts'
import type { Touch } from './touch.ts'
import { nextNumber } from './wish.ts'

export class Asking {
  readonly #deps: ContactsDeps
  readonly #touch: Touch
  readonly #accept: (person: PersonId) => Promise<ContactRecord>

  constructor(deps: ContactsDeps, touch: Touch, accept: (person: PersonId) => Promise<ContactRecord>) {
    this.#deps = deps
    this.#touch = touch
    this.#accept = accept
  }

  /** Asks a device that was met, or says yes to it if it asked. Throws SELF, IDENTITY_MISMATCH, BLOCKED. */
  async met(met: Met, note: string, link?: ContactLink): Promise<ContactRecord> {
    const { book, self } = this.#deps
    const { person } = met.hello
    if (person === self.person || met.device === self.device) throw new WarrenError('SELF', 'that is this device')
    if (link !== undefined && link.person !== person) {
      throw new WarrenError('IDENTITY_MISMATCH', 'another person answers there than the link names')
    }
    const record = book.get(person)
    const name = met.hello.name === '' ? (record?.name ?? '') : met.hello.name
    const addresses = withAddresses(record, met.addresses ?? [])
    return await this.#ask(person, { note, name, addresses, link: '', devices: withDevice(record, met.device) })
  }

  /**
   * Keeps the request of a link that nobody answers at yet; it is tried again by itself. `name`: of the person as they were seen,
   * if they were. Throws SELF, BLOCKED.
   */
  async later(text: string, note: string, name = ''): Promise<ContactRecord> {
    const { person } = readContactLink(text)
    if (person === this.#deps.self.person) throw new WarrenError('SELF', 'that is this device')
    return await this.#ask(person, { note, link: text.trim(), ...(name === '' ? {} : { name }) })
  }

  /**
   * Asks somebody who is known: anew after a no or after the contact ended, or a member of a group that the owner belongs to. `name`: as
   * such a one is called there. Throws NOT_FOUND, SELF, BLOCKED.
   */
  async known(person: PersonId, note: string, name = ''): Promise<ContactRecord> {
    const { book, groups, logs, self } = this.#deps
    if (person === self.person) throw new WarrenError('SELF', 'that is this device')
    const record = book.get(person)
    if (record !== undefined && !record.hidden)
      return await this.#ask(person, { note, devices: record.devices, link: record.link })
    if (!groups.isCoMember(person))
      throw new WarrenError('NOT_FOUND', 'no such contact, and nobody of a group of yours')
    const devices = [...logs.personState(person).devices.keys()].slice(0, mostDevices)
    return await this.#ask(person, { note, devices, link: '', ...(name === '' ? {} : { name }) })
  }

  async #ask(person: PersonId, how: Partial<ContactRecord>): Promise<ContactRecord> {
    const { book, now } = this.#deps
    const record = book.get(person)
    if (record?.state === 'blocked') throw new WarrenError('BLOCKED', 'that person is blocked: unblock them first')
    if (record?.state === 'accepted') return record
    if (record?.state === 'incoming') return await this.#accept(person)
    const number = nextNumber(record, now())
    const asked = {
      state: 'outgoing',
      refused: false,
      hidden: false,
      number,
      changedAt: decidedAt(record, now()),
    } as const
    const after = await book.change(person, { ...how, ...asked })
    this.#touch.refreshKept()
    this.#touch.greet(after)
    return after
  }
}
