/** What other devices say of contact: requests, answers, and those who end it. */

import { WarrenError } from '../../protocol/errors.ts'
import type { ContactWish, Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { decidedAt, encodeProof, withDevice, type ContactRecord } from './contact-record.ts'
import type { ContactsDeps, HelloFrom } from './contacts.ts'
import { Showings } from './showings.ts'
import type { Touch } from './touch.ts'
import { accepted, afterNo, isAnswered, mayShowAgain, type RecordChange } from './wish.ts'

/** What a stranger says again within this is not written down again. */
const strangerEveryMs = 10_000

type Asking = Hello & { readonly wish: Extract<ContactWish, { is: 'contact' }> }
const isAsking = (hello: Hello): hello is Asking => hello.wish.is === 'contact'

export class Hearing {
  readonly #deps: ContactsDeps
  readonly #touch: Touch
  readonly #showings = new Showings()
  /** Numbers that were heard and not written down, so that an answer speaks of the newest. */
  readonly #unwritten = new Map<PersonId, number>()

  constructor(deps: ContactsDeps, touch: Touch) {
    this.#deps = deps
    this.#touch = touch
  }

  /** The highest number of a wish that was heard of this person. */
  newestOf({ person, theirs }: ContactRecord): number {
    return Math.max(theirs, this.#unwritten.get(person) ?? 0)
  }

  /** What a device said. `link`: both want contact, and the device is known to be this person's. */
  heard(from: HelloFrom, hello: Hello): 'link' | 'stranger' {
    const { book, logs } = this.#deps
    const record = book.get(hello.person)
    if (!isAsking(hello)) {
      if (record !== undefined && this.#touch.devicesOf(record).has(from.device))
        this.#touch.background(this.#heardNo(record, hello.wish))
      return 'stranger'
    }
    const { number } = hello.wish
    if (record?.state === 'accepted' && logs.personState(record.person).devices.has(from.device)) {
      if (number > record.theirs) this.#touch.background(book.change(record.person, { theirs: number }))
      return 'link'
    }
    const isDeaf = record !== undefined && (record.state === 'blocked' || isAnswered(record, number))
    if (!isDeaf) this.#touch.background(this.#heardWish(from, hello))
    return 'stranger'
  }

  /** They no longer wish contact, or said no. */
  async #heardNo(record: ContactRecord, wish: ContactWish): Promise<void> {
    const { book, now } = this.#deps
    const change = afterNo(record, wish, now())
    if (change === undefined) return
    if (change === 'gone') return await book.remove(record.person)
    const after = await book.change(record.person, change)
    if (record.state === 'accepted') this.#touch.cut(after)
    else this.#touch.refreshKept()
  }

  /** A wish from a device that is no contact's: a request, or the answer to ours. Nothing is stored before it is proven. */
  async #heardWish({ device }: HelloFrom, hello: Asking): Promise<void> {
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

  async #keepRequest(device: DeviceId, hello: Asking, known: ContactRecord | undefined): Promise<void> {
    const { book } = this.#deps
    const { person, name, proof } = hello
    const { note, number } = hello.wish
    const now = this.#deps.now()
    const shows = this.#mayShow(person, known, now)
    if (this.#isHasty(known, shows, number)) {
      this.#unwritten.set(person, Math.max(number, this.#unwritten.get(person) ?? 0))
      return
    }
    const theirs = known === undefined ? number : Math.max(number, this.newestOf(known))
    const heard = { theirs, devices: withDevice(known, device), lastSeenAt: now }
    this.#unwritten.delete(person)
    if (!shows) return await this.#keepQuietly(known, heard, { name, note, proof: encodeProof(proof) })
    const request = { ...heard, name, note, proof: encodeProof(proof) }
    if (known?.state === 'incoming') return void (await book.change(person, request))
    this.#showings.note(person, now)
    await book.change(person, { ...request, state: 'incoming', hidden: false, shownAt: now, changedAt: now })
  }

  /** The same again, before the last one is cold. */
  #isHasty(known: ContactRecord | undefined, shows: boolean, number: number): boolean {
    // That they ask again is seen at once, whatever follows.
    const isAgain = known?.state === 'declined' && known.theirs <= known.answered && number > known.answered
    const isRepeated = known?.state === 'incoming' || (known?.state === 'declined' && !shows && !isAgain)
    return isRepeated && this.#deps.now() - known.lastSeenAt < strangerEveryMs
  }

  /** What is not shown now: of a declined person for later, of a forgotten one that it was said, of others nothing. */
  async #keepQuietly(known: ContactRecord | undefined, heard: RecordChange, said: RecordChange): Promise<void> {
    if (known?.state !== 'declined') return
    await this.#deps.book.change(known.person, known.hidden ? heard : { ...heard, ...said })
  }

  #mayShow(person: PersonId, known: ContactRecord | undefined, now: number): boolean {
    if (known?.state === 'incoming') return true
    if (known?.state === 'declined') return this.#isDue(known, now)
    return this.#showings.may(person, now)
  }

  #isDue(record: ContactRecord, now: number): boolean {
    return mayShowAgain(record, now) && this.#deps.book.count('incoming') < limits.pendingRequests
  }

  /** Puts requests of declined people before the owner again whose time has come. */
  async showDue(): Promise<void> {
    const { book } = this.#deps
    for (const record of book.all()) {
      const now = this.#deps.now()
      const asks = record.state === 'declined' && !record.hidden && this.newestOf(record) > record.answered
      if (asks && record.proof.length > 0 && this.#isDue(record, now))
        await book.change(record.person, { state: 'incoming', shownAt: now, changedAt: now })
    }
  }

  /** Both want contact: the conversation is made, and both say hello again so that a link may stand. */
  async #begin(device: DeviceId, { person, name, proof, wish }: Asking): Promise<void> {
    const { book, logs, reach } = this.#deps
    await logs.learnPerson(person, proof)
    await logs.openDirect(person)
    // The owner may have thought better of it meanwhile.
    const record = book.get(person)
    if (record?.state !== 'outgoing' && record?.state !== 'accepted') return
    const heard = { devices: withDevice(record, device), theirs: Math.max(record.theirs, wish.number) }
    if (record.state === 'accepted') await book.change(person, heard)
    else {
      const now = this.#deps.now()
      await book.change(person, {
        ...accepted,
        ...heard,
        changedAt: decidedAt(record, now),
        lastSeenAt: now,
        name: name || record.name,
      })
    }
    logs.scopesChanged()
    this.#touch.refreshKept()
    await reach.greet(device)
  }
}
