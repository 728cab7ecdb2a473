/**
 * Contacts who go on as another person, since their device was linked to somebody's others: what is said of it to those who knew them,
 * what is believed of it, and what becomes of the contact. docs/protocol.md, section 14.
 */

import { errorCode } from '../../protocol/errors.ts'
import type { Hello, Moved } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Move } from '../../protocol/person-rules.ts'
import type { PersonState } from '../../protocol/roster.ts'
import { partOf } from '../../protocol/person-support.ts'
import type { Run } from '../../protocol/run.ts'
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
    const { book, logs } = deps
    // A log that says more may end an offer: it shows in the request as well.
    logs.onAppended(({ scope }) => {
      const next = book.get(scope as PersonId)?.movedTo
      if (next !== undefined) book.tellAgain(next.person)
    })
  }

  /** Reads the logs of whom contacts know the owner as. */
  async start(): Promise<void> {
    for (const { knownAs } of this.#deps.book.all()) {
      if (knownAs === undefined || this.#left.has(knownAs)) continue
      const log = await this.#logOf(knownAs)
      if (log !== undefined) this.#left.set(knownAs, { person: knownAs, log })
    }
  }

  /** Undefined if it is not here any more; of a long one what shows where its devices went on. */
  async #logOf(person: PersonId): Promise<readonly Run[] | undefined> {
    try {
      const { logs } = this.#deps
      const { moves } = logs.personState(person)
      const movers = moves.map(({ by }) => by)
      const bounds = { operations: limits.helloOperations, bytes: limits.helloMovedBytes }
      return partOf(person, await logs.personLog(person), movers, bounds)
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
    if (known?.state !== 'accepted' || !this.#isNews(known, person) || book.get(person)?.state === 'blocked') return
    this.#touch.background(this.#take(device, hello, moved))
  }

  /** What was offered before and is not so any more stands in nobody's way. */
  #isNews(known: ContactRecord, person: PersonId): boolean {
    const { movedTo } = known
    return movedTo === undefined || (movedTo.answer === 'open' && movedTo.person !== person) || !this.stands(known)
  }

  /** Whether their log, as it is here now, says that a contact goes on as the person that is offered; what was followed is the past. */
  stands({ person, movedTo }: Pick<ContactRecord, 'person' | 'movedTo'>): boolean {
    if (movedTo?.answer === 'followed') return true
    return movedTo !== undefined && movesOf(this.#deps.logs.personState(person))[0]?.person === movedTo.person
  }

  async #take(device: DeviceId, { person, proof }: Hello, { person: left, log }: Moved): Promise<void> {
    const { book, logs } = this.#deps
    const there = logs.previewPerson(person, proof).devices
    if (!there.has(device)) return
    const isTrue = (move: Move): boolean => move.person === person && there.has(move.device)
    const told = logs.previewPerson(left, log).moves.filter((move) => isTrue(move))
    const known = logs.personState(left).moves.map(({ by }) => by)
    if (told.length === 0) return
    // One after the other says so: each brings what it knows, and nobody knows all of it.
    const isNew = told.some(({ by }) => !known.includes(by))
    const after = movesOf(isNew ? await logs.learnPerson(left, log) : logs.personState(left))
    if (book.get(left)?.state !== 'accepted' || after.length === 0 || !after.every((move) => isTrue(move))) return
    await book.change(left, { movedTo: { person, answer: 'open' } })
    book.tellAgain(person)
  }

  /** The owner answered the person that a contact went on as. */
  async answered(person: PersonId, answer: Exclude<Successor['answer'], 'open'>): Promise<void> {
    const { book, now } = this.#deps
    for (const record of book.all()) {
      if (record.movedTo?.person !== person || record.movedTo.answer !== 'open') continue
      const movedTo = { person, answer }
      // An offer that is not so any more: the contact stays, whatever is made of the request.
      if (answer === 'followed' && !this.stands(record)) continue
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

/**
 * Where a person went on, if all devices that they have say that they are the same one's by now: who has another goes on there, too,
 * and nobody is believed who was removed. Empty if they did not.
 */
function movesOf({ moves, devices }: Pick<PersonState, 'moves' | 'devices'>): readonly Move[] {
  const said = moves.filter(({ by }) => devices.has(by))
  const isAll = said.length === devices.size && said.every(({ person }) => person === said[0]?.person)
  return isAll ? said : []
}
