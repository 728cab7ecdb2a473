/** What comes due with time: requests to people whose link nobody answers at yet, each tried more rarely than before. */

import { readContactLink } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'
import type { Contacts, Reach } from './contacts.ts'
import { Waits } from './waits.ts'

export interface LinkRetriesDeps {
  readonly book: ContactBook
  readonly contacts: Contacts
  readonly reach: Reach
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
}

export class LinkRetries {
  readonly #deps: LinkRetriesDeps
  readonly #waits: Waits<PersonId>
  #running: Promise<void> | undefined

  constructor(deps: LinkRetriesDeps) {
    this.#deps = deps
    this.#waits = new Waits(deps)
  }

  /** Tries those whose time has come, one after the other; while a round is under way a call joins it. */
  async round(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#round(signal).finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  async #round(signal: AbortSignal): Promise<void> {
    await this.#deps.contacts.showDue()
    const waiting = this.#deps.book.all().filter(isWaiting)
    const persons = new Set(waiting.map(({ person }) => person))
    for (const person of this.#waits.names()) if (!persons.has(person)) this.#waits.forget(person)
    for (const record of waiting) {
      if (signal.aborted) return
      if (this.#waits.isDue(record.person)) await this.#try(record, signal)
    }
  }

  async #try({ person, link, note }: ContactRecord, signal: AbortSignal): Promise<void> {
    const { book, contacts, reach } = this.#deps
    try {
      const met = await reach.look(link, signal)
      const record = book.get(person)
      // The owner may have taken it back while we looked.
      if (record !== undefined && isWaiting(record) && record.link === link)
        await contacts.request(met, note, readContactLink(link))
    } catch (error) {
      if (!(error instanceof WarrenError)) throw error
      this.#waits.longer(person)
    }
  }
}

const isWaiting = ({ state, link }: ContactRecord): boolean => state === 'outgoing' && link !== ''
