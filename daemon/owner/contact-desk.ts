/** What the owner does with people: sees who is near, looks who answers, asks somebody, changes what is noted of contacts. */

import { readCodePoints } from '../../protocol/codec.ts'
import { readContactLink } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Contact, ContactPatch, NewContact, Peer } from '../../protocol/http-people.ts'
import { readDeviceId, readPersonId, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Met } from '../contacts/contacts.ts'
import { changeContact, type ContactChangeDeps } from './contact-change.ts'
import type { PeerList, Seen } from './peer-list.ts'
import { byHand, type Views } from './views.ts'

export interface ContactDeskDeps extends ContactChangeDeps {
  readonly views: Views
  readonly peerList: PeerList
  /** Dials and says hello; see Net.look(). */
  readonly look: (address: string, signal: AbortSignal) => Promise<Met & Seen>
}

export class ContactDesk {
  readonly #deps: ContactDeskDeps

  constructor(deps: ContactDeskDeps) {
    this.#deps = deps
  }

  /** Devices that were seen. */
  peers(): Peer[] {
    return this.#deps.peerList.all().map((each) => this.#deps.views.peer(each))
  }

  peer(device: DeviceId): Peer | undefined {
    const seen = this.#deps.peerList.get(device)
    return seen === undefined ? undefined : this.#deps.views.peer(seen)
  }

  /** Who answers there. Rejects as Net.look(). */
  async look(address: string, signal: AbortSignal): Promise<Peer> {
    const met = await this.#deps.look(address, signal)
    this.#deps.peerList.seen(met)
    return this.#deps.views.peer(met)
  }

  all(): Contact[] {
    const { book, views } = this.#deps
    return book
      .all()
      .filter(({ hidden }) => !hidden)
      .toSorted((a, b) => b.changedAt - a.changedAt)
      .map((each) => views.contact(each))
  }

  /** Throws NOT_FOUND. */
  contact(person: PersonId): Contact {
    return this.#deps.views.contact(this.#deps.book.require(person))
  }

  /** Asks somebody to become a contact. Rejects with BAD_SHAPE, BAD_LINK, TOO_LARGE, NOT_FOUND, STORE_…, and as Net.look() does. */
  async add({ link, deviceId, contactId, note = '' }: NewContact, signal: AbortSignal): Promise<Contact> {
    readCodePoints(note, limits.noteCodePoints)
    const { contacts, views, peerList } = this.#deps
    if (link !== undefined) return await this.#addByLink(link, note, signal)
    if (contactId !== undefined) return await this.#askKnown(readPersonId(contactId), note)
    const seen = peerList.get(readDeviceId(deviceId))
    if (seen === undefined) throw new WarrenError('NOT_FOUND', 'no such device was seen: look at its address first')
    return views.contact(await contacts.request({ ...seen, addresses: byHand(seen) }, note))
  }

  async #askKnown(person: PersonId, note: string): Promise<Contact> {
    const { contacts, views } = this.#deps
    return views.contact(await contacts.requestAgain(person, note, views.chosenName(person)))
  }

  async #addByLink(link: string, note: string, signal: AbortSignal): Promise<Contact> {
    const { contacts, views, look, peerList } = this.#deps
    const named = readContactLink(link)
    try {
      const met = await look(link, signal)
      return views.contact(await contacts.request({ ...met, addresses: byHand(met) }, note, named))
    } catch (error) {
      // They may be off just now: the request goes out by itself once they answer.
      const isAway = error instanceof WarrenError && awayCodes.has(error.code)
      if (!isAway) throw error
      // Seen nearby earlier perhaps: then they have a name already.
      const seen = peerList.all().find(({ person, name }) => person === named.person && name !== '')
      return views.contact(await contacts.requestLater(link, note, seen?.name))
    }
  }

  /** See changeContact(). */
  async change(person: PersonId, patch: ContactPatch): Promise<Contact> {
    return await changeContact(this.#deps, person, patch)
  }
}

/** Nobody answered, which may change. */
const awayCodes: ReadonlySet<string> = new Set(['TIMED_OUT', 'REFUSED', 'UNREACHABLE', 'HOST_NOT_FOUND'])
