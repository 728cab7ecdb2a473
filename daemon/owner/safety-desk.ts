/** Safety numbers as the owner sees and compares them. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Contact, NewVerification, Safety as SafetyView, Verification } from '../../protocol/http-people.ts'
import { fingerprint, readPersonId, type PersonId } from '../../protocol/ids.ts'
import { spacedSafetyNumber } from '../../protocol/safety.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { Views } from './views.ts'

export interface SafetyDeskDeps {
  readonly contacts: Contacts
  readonly book: ContactBook
  readonly views: Views
}

export class SafetyDesk {
  readonly #deps: SafetyDeskDeps

  constructor(deps: SafetyDeskDeps) {
    this.#deps = deps
  }

  /** Throws NOT_FOUND, and CONFLICT while the person's log is not here. */
  show(id: string): SafetyView {
    const { number, code, newDevices } = this.#deps.contacts.safety.compare(readPersonId(id))
    return { number: spacedSafetyNumber(number), code, newDevices: newDevices.map((each) => fingerprint(each)) }
  }

  /** As show(), BAD_SHAPE, BAD_LINK. */
  async verify(id: string, { number, code }: NewVerification): Promise<Verification> {
    const person = readPersonId(id)
    const { safety } = this.#deps.contacts
    if (code === undefined) {
      if (number === undefined) throw new WarrenError('BAD_SHAPE', 'exactly one of number and code')
      const result = (await safety.matches(person, number)) ? 'match' : 'other-number'
      return { result, contact: this.#contact(person) }
    }
    const { match, shownBy } = await safety.scan(person, code)
    const known = match === 'other-person' ? this.#knownName(shownBy) : ''
    return { result: match, contact: this.#contact(person), ...(known === '' ? {} : { shownBy: known }) }
  }

  async clear(id: string): Promise<Contact> {
    const person = readPersonId(id)
    await this.#deps.contacts.safety.clear(person)
    return this.#contact(person)
  }

  #contact(person: PersonId): Contact {
    const { book, views } = this.#deps
    return views.contact(book.require(person))
  }

  /** What the owner calls a person who is in the list of contacts. */
  #knownName(person: PersonId): string {
    const { book, views } = this.#deps
    return book.get(person)?.hidden === false ? views.nameOf(person) : ''
  }
}
