/**
 * Contacts who go on as another person, since their device was linked to somebody's others: what is said of it to those who knew them,
 * what is believed of it, and what becomes of the contact. docs/protocol.md, section 14.
 */

import { errorCode } from '../../protocol/errors.ts'
import type { Hello, Moved } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { entrySize, type Run } from '../../protocol/run.ts'
import { decidedAt, type ContactRecord, type Successor } from './contact-record.ts'
import type { ContactsDeps } from './contacts.ts'
import type { Touch } from './touch.ts'

export class Moves {
  readonly #deps: ContactsDeps
  readonly #touch: Touch
  /** Logs of persons that this home was, as far as they fit into a hello. */
  readonly #left = new Map<PersonId, Moved>()

  constructor(deps: ContactsDeps, touch: Touch) {
    this.#deps = deps
    this.#touch = touch
  }

  /** Reads the logs of whom contacts know the owner as. */
  async start(): Promise<void> {
    for (const { knownAs } of this.#deps.book.all()) {
      if (knownAs === undefined || this.#left.has(knownAs)) continue
      const log = await this.#logOf(knownAs)
      if (log !== undefined) this.#left.set(knownAs, { person: knownAs, log })
    }
  }

  /** Undefined if it is not here any more, or too long for a hello. */
  async #logOf(person: PersonId): Promise<readonly Run[] | undefined> {
    try {
      const log = await this.#deps.logs.personLog(person)
      return fitsHello(log) ? log : undefined
    } catch (error) {
      if (errorCode(error) === 'NOT_A_MEMBER') return undefined
      throw error
    }
  }

  /** What a hello to this contact says of whom they know. */
  said(record: ContactRecord | undefined): Moved | undefined {
    return record?.knownAs === undefined ? undefined : this.#left.get(record.knownAs)
  }

  /** A device says that it was a contact's. Nothing is shown unless both logs prove it. */
  heard(device: DeviceId, hello: Hello): void {
    const { moved, person } = hello
    if (moved === undefined || hello.wish.is !== 'contact') return
    const { book } = this.#deps
    const known = book.get(moved.person)
    const isNews = known?.movedTo === undefined || (known.movedTo.answer === 'open' && known.movedTo.person !== person)
    if (known?.state !== 'accepted' || !isNews || book.get(person)?.state === 'blocked') return
    this.#touch.background(this.#take(device, hello, moved))
  }

  async #take(device: DeviceId, { person, proof }: Hello, { person: left, log }: Moved): Promise<void> {
    const { book, logs } = this.#deps
    const { movedTo, devices } = logs.previewPerson(left, log)
    // Who has other devices goes on there, too.
    if (movedTo?.person !== person || devices.size !== 1) return
    const there = logs.previewPerson(person, proof).devices
    if (!there.has(movedTo.device) || !there.has(device)) return
    await logs.learnPerson(left, log)
    if (book.get(left)?.state !== 'accepted') return
    await book.change(left, { movedTo: { person, answer: 'open' } })
    book.tellAgain(person)
  }

  /** The owner answered the person that a contact went on as. */
  async answered(person: PersonId, answer: Exclude<Successor['answer'], 'open'>): Promise<void> {
    const { book, now } = this.#deps
    for (const record of book.all()) {
      if (record.movedTo?.person !== person || record.movedTo.answer !== 'open') continue
      const movedTo = { person, answer }
      if (answer === 'declined') await book.change(record.person, { movedTo })
      else {
        await this.#takeAlong(record, person)
        // Their key is gone: nobody is there to be dialled any more.
        const ended = { state: 'ended', movedTo, changedAt: decidedAt(record, now()) } as const
        this.#touch.cut(await book.change(record.person, ended))
      }
      book.tellAgain(person)
    }
  }

  /** What the owner calls them and whether they are heard. That they were verified is not taken along: the number is another. */
  async #takeAlong({ petname, mutedUntil }: ContactRecord, to: PersonId): Promise<void> {
    const after = this.#deps.book.get(to)
    if (after === undefined) return
    await this.#deps.book.change(to, {
      ...(after.petname === '' ? { petname } : {}),
      mutedUntil: Math.max(after.mutedUntil, mutedUntil),
    })
  }
}

/** Whether it can be said whom one was, beside all else that a hello says. */
export function fitsHello(log: readonly Run[]): boolean {
  const entries = log.flatMap((run) => run.entries)
  const bytes = entries.reduce((sum, { sealed, slot }) => sum + entrySize(sealed, slot), 0)
  return log.length <= limits.helloOperations && bytes <= limits.helloMovedBytes
}
