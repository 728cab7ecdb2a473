/** Who may talk to the owner: requests, answers, blocks. What every hello says and hears goes through here. */

import { readContactLink, type ContactLink } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { ContactWish, Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Log } from '../log.ts'
import type { ContactBook } from './contact-book.ts'
import { encodeProof, noProof, readProof, type ContactRecord } from './contact-record.ts'
import { accepted, wishOf, withDevice } from './wish.ts'

/** What contacts need of the log. */
export interface PersonLogs {
  /** The person as a log from a hello, with what is here of it, says; nothing is stored. Throws IDENTITY_MISMATCH. */
  previewPerson(person: PersonId, log: readonly Run[]): PersonState
  learnPerson(person: PersonId, log: readonly Run[]): Promise<PersonState>
  personState(person: PersonId): PersonState
  personOf(device: DeviceId): PersonId | undefined
  openDirect(person: PersonId): Promise<unknown>
  proof(): Promise<readonly Run[]>
  scopesChanged(): void
}

/** A device that answered a look. */
export interface Met {
  readonly device: DeviceId
  readonly hello: Hello
}

/** What contacts need of the network. */
export interface Reach {
  keep(devices: readonly DeviceId[]): void
  greet(device: DeviceId): Promise<void>
  look(address: string, signal: AbortSignal): Promise<Met>
  disconnect(device: DeviceId): void
}

export interface ContactsDeps {
  readonly book: ContactBook
  readonly logs: PersonLogs
  readonly reach: Reach
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly profile: () => { readonly name: string; readonly visibleNearby: boolean }
  readonly log: Log
  readonly now: () => number
}

export interface HelloTo {
  readonly device: DeviceId
  readonly privateAddress: boolean
}
export interface HelloFrom extends HelloTo {
  readonly inbound: boolean
}

/** What a stranger says again within this is not written down again. */
const strangerEveryMs = 10_000

export class Contacts {
  readonly #deps: ContactsDeps
  #proof: readonly Run[] = []

  constructor(deps: ContactsDeps) {
    this.#deps = deps
  }

  /** Reads the own log's proof; call again when the own devices change. */
  async start(): Promise<void> {
    const { book, logs } = this.#deps
    this.#proof = await logs.proof()
    // A damaged disk may have lost a conversation, or a crash come before it was made.
    for (const { person, state } of book.all()) if (state === 'accepted') await logs.openDirect(person)
    this.refreshKept()
  }

  isAccepted(person: PersonId): boolean {
    return this.#deps.book.get(person)?.state === 'accepted'
  }

  /** Devices that the dialler should stay linked with, or bring a request to. */
  refreshKept(): void {
    const { book, logs, reach, self } = this.#deps
    const devices = book.all().flatMap((record) => {
      if (record.state === 'outgoing') return record.refused ? [] : record.devices
      return record.state === 'accepted' ? [...logs.personState(record.person).devices.keys(), ...record.devices] : []
    })
    reach.keep([...new Set(devices)].filter((device) => device !== self.device))
  }

  /** What is said to a device now. */
  hello({ device, privateAddress }: HelloTo): Pick<Hello, 'person' | 'wish' | 'name' | 'proof'> {
    const { book, logs } = this.#deps
    const person = logs.personOf(device)
    // A contact's newer device is known from their log alone.
    const record = book.ofDevice(device) ?? (person === undefined ? undefined : book.get(person))
    const wish = wishOf(record)
    const { name, visibleNearby } = this.#deps.profile()
    const isBlocked = record?.state === 'blocked'
    const showsName = wish.is === 'contact' || (visibleNearby && privateAddress && !isBlocked)
    return {
      person: this.#deps.self.person,
      wish,
      name: showsName ? name : '',
      proof: wish.is === 'contact' ? this.#proof : [],
    }
  }

  /** What a device said. `link`: both want contact, and the device is known to be this person's. */
  heard(from: HelloFrom, hello: Hello): 'link' | 'stranger' {
    const { book, logs, self } = this.#deps
    if (hello.person === self.person) return 'stranger'
    const record = book.get(hello.person)
    if (hello.wish.is !== 'contact') {
      if (record?.devices.includes(from.device) === true) this.#background(this.#heardNo(record, hello.wish))
      return 'stranger'
    }
    if (record?.state === 'accepted' && logs.personState(record.person).devices.has(from.device)) return 'link'
    if (record?.state !== 'blocked' && record?.state !== 'declined') this.#background(this.#heardWish(from, hello))
    return 'stranger'
  }

  #background(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#deps.log('warn', 'a hello could not be taken in', {
        code: error instanceof WarrenError ? error.code : 'INTERNAL',
      })
    })
  }

  /** They no longer wish contact, or said no. */
  async #heardNo(record: ContactRecord, wish: ContactWish): Promise<void> {
    const { book } = this.#deps
    if (record.state === 'incoming') await book.remove(record.person)
    if (record.state === 'outgoing' && wish.is === 'declined' && !record.refused) {
      await book.change(record.person, { refused: true, changedAt: this.#deps.now() })
      this.refreshKept()
    }
  }

  /** A wish from a device that is no contact's: a request, or the answer to ours. Nothing is stored before it is proven. */
  async #heardWish({ device }: HelloFrom, hello: Hello): Promise<void> {
    const { book, logs } = this.#deps
    const { person, proof } = hello
    const known = book.get(person)
    if (known === undefined && book.count('incoming') >= limits.pendingRequests) return undefined
    // One request per device, as whomever it asks.
    if (known === undefined && book.ofDevice(device) !== undefined) return undefined
    if (!logs.previewPerson(person, proof).devices.has(device))
      throw new WarrenError('IDENTITY_MISMATCH', 'a device claims a person that does not know it')
    if (known?.state === 'outgoing' || known?.state === 'accepted') return await this.#begin(device, hello)
    return await this.#keepRequest(device, hello, known)
  }

  async #keepRequest(device: DeviceId, hello: Hello, known: ContactRecord | undefined): Promise<void> {
    const { person, name, wish, proof } = hello
    const now = this.#deps.now()
    if (known !== undefined && now - known.lastSeenAt < strangerEveryMs) return
    await this.#deps.book.change(person, {
      state: 'incoming',
      name,
      note: wish.is === 'contact' ? wish.note : '',
      devices: withDevice(known, device),
      proof: encodeProof(proof),
      changedAt: known?.changedAt ?? now,
      lastSeenAt: now,
    })
  }

  /** Both want contact: the conversation is made, and both say hello again so that a link may stand. */
  async #begin(device: DeviceId, { person, name, proof }: Hello): Promise<void> {
    const { book, logs, reach } = this.#deps
    await logs.learnPerson(person, proof)
    await logs.openDirect(person)
    // The owner may have thought better of it meanwhile.
    const record = book.get(person)
    if (record?.state !== 'outgoing' && record?.state !== 'accepted') return
    const devices = withDevice(record, device)
    if (record.state === 'accepted') await book.change(person, { devices })
    else {
      const now = this.#deps.now()
      await book.change(person, { ...accepted, devices, changedAt: now, lastSeenAt: now, name: name || record.name })
    }
    logs.scopesChanged()
    this.refreshKept()
    await reach.greet(device)
  }

  /** Asks a device that was met, or says yes to it if it asked. Throws SELF, IDENTITY_MISMATCH, BLOCKED. */
  async request(met: Met, note: string, link?: ContactLink): Promise<ContactRecord> {
    const { book, self } = this.#deps
    const { person } = met.hello
    if (person === self.person || met.device === self.device) throw new WarrenError('SELF', 'that is this device')
    if (link !== undefined && link.person !== person) {
      throw new WarrenError('IDENTITY_MISMATCH', 'another person answers there than the link names')
    }
    const record = book.get(person)
    if (record?.state === 'blocked') throw new WarrenError('BLOCKED', 'that person is blocked: unblock them first')
    if (record?.state === 'accepted') return record
    if (record?.state === 'incoming') return await this.accept(person)
    await book.change(person, {
      state: 'outgoing',
      refused: false,
      note,
      link: '',
      name: met.hello.name === '' ? (record?.name ?? '') : met.hello.name,
      devices: [met.device],
      changedAt: this.#deps.now(),
    })
    this.refreshKept()
    this.#greet(met.device)
    return book.require(person)
  }

  /** Keeps the request of a link that nobody answers at yet; it is tried again by itself. Throws SELF, BLOCKED. */
  async requestLater(text: string, note: string): Promise<ContactRecord> {
    const { person } = readContactLink(text)
    const { book, self } = this.#deps
    if (person === self.person) throw new WarrenError('SELF', 'that is this device')
    const record = book.get(person)
    if (record?.state === 'blocked') throw new WarrenError('BLOCKED', 'that person is blocked: unblock them first')
    if (record?.state === 'accepted') return record
    if (record?.state === 'incoming') return await this.accept(person)
    const changedAt = this.#deps.now()
    return await book.change(person, { state: 'outgoing', refused: false, note, link: text.trim(), changedAt })
  }

  #greet(device: DeviceId): void {
    this.#background(this.#deps.reach.greet(device))
  }

  /** Says yes to a request. Throws NOT_FOUND, CONFLICT. */
  async accept(person: PersonId): Promise<ContactRecord> {
    const { book, logs } = this.#deps
    const asked = book.require(person)
    if (asked.state === 'accepted') return asked
    if (asked.state !== 'incoming') throw new WarrenError('CONFLICT', 'there is no request to accept')
    await logs.learnPerson(person, readProof(asked.proof))
    await logs.openDirect(person)
    // They may have taken it back meanwhile, or the owner may have blocked them.
    const { state, devices } = book.require(person)
    if (state !== 'incoming' && state !== 'accepted')
      throw new WarrenError('CONFLICT', 'the request is not there any more')
    const record = await book.change(person, { ...accepted, changedAt: this.#deps.now() })
    logs.scopesChanged()
    this.refreshKept()
    for (const device of devices) this.#greet(device)
    return record
  }

  /** Says no to a request, and stays at it. Throws NOT_FOUND, CONFLICT. */
  async decline(person: PersonId): Promise<void> {
    const record = this.#deps.book.require(person)
    if (record.state !== 'incoming') throw new WarrenError('CONFLICT', 'there is no request to decline')
    await this.#deps.book.change(person, { state: 'declined', proof: noProof, changedAt: this.#deps.now() })
    for (const device of record.devices) this.#greet(device)
  }

  async block(person: PersonId): Promise<ContactRecord> {
    this.#deps.book.require(person)
    const changedAt = this.#deps.now()
    const blocked = await this.#deps.book.change(person, { state: 'blocked', link: '', proof: noProof, changedAt })
    this.#cut(blocked)
    return blocked
  }

  /** An unblocked person is a stranger again, unless there was a conversation: then a contact. Throws NOT_FOUND, CONFLICT. */
  async unblock(person: PersonId, wasContact: boolean): Promise<void> {
    const record = this.#deps.book.require(person)
    if (record.state !== 'blocked') throw new WarrenError('CONFLICT', 'that person is not blocked')
    if (wasContact) await this.#deps.book.change(person, { state: 'accepted', changedAt: this.#deps.now() })
    else await this.#deps.book.remove(person)
    this.#deps.logs.scopesChanged()
    this.refreshKept()
    for (const device of record.devices) this.#greet(device)
  }

  /** Ends a contact, says no to a request or withdraws one; the conversation stays. Throws NOT_FOUND. */
  async remove(person: PersonId): Promise<void> {
    const { book } = this.#deps
    const record = book.require(person)
    // They still wish contact until they hear otherwise: their next hello must not come back as a request.
    if (record.state === 'accepted' || record.state === 'incoming')
      await book.change(person, { state: 'declined', proof: noProof, changedAt: this.#deps.now() })
    else await book.remove(person)
    this.#cut(record)
    if (record.state === 'outgoing' || record.state === 'incoming')
      for (const device of record.devices) this.#greet(device)
  }

  #cut({ devices }: ContactRecord): void {
    this.#deps.logs.scopesChanged()
    this.refreshKept()
    for (const device of devices) this.#deps.reach.disconnect(device)
  }
}
