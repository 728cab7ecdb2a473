/** What the owner says to people: yes or no to what they ask, whom to follow, and that a contact ends. */

import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Blocking } from './blocking.ts'
import { decidedAt, noProof, readProof, type ContactRecord } from './contact-record.ts'
import type { ContactsDeps } from './contacts.ts'
import type { Hearing } from './hearing.ts'
import type { Moves } from './moves.ts'
import type { Touch } from './touch.ts'
import { accepted, forgotten, nextNumber } from './wish.ts'

export interface AnswersDeps extends Pick<ContactsDeps, 'book' | 'logs' | 'now'> {
  readonly touch: Touch
  readonly hearing: Pick<Hearing, 'newestOf'>
  readonly blocking: Pick<Blocking, 'takeBack'>
  readonly moves: Pick<Moves, 'answered' | 'stands'>
}

export class Answers {
  readonly #deps: AnswersDeps

  constructor(deps: AnswersDeps) {
    this.#deps = deps
  }

  /** Says yes to a request, to one that was declined before too; where a contact goes on as this person, the owner follows. Throws NOT_FOUND, CONFLICT. */
  async accept(person: PersonId): Promise<ContactRecord> {
    await this.#accept(person)
    await this.#deps.moves.answered(person, 'followed')
    return this.#deps.book.require(person)
  }

  /** Follows a contact to the person that they went on as, or does not. Throws NOT_FOUND, CONFLICT. */
  async follow(person: PersonId, follows: boolean): Promise<void> {
    const { book } = this.#deps
    const record = book.require(person)
    const next = record.movedTo
    if (next?.answer !== 'open' || !this.#deps.moves.stands(record))
      throw new WarrenError('CONFLICT', 'they went on as nobody else')
    if (follows) await this.accept(next.person)
    else if (book.get(next.person)?.state === 'incoming') await this.decline(next.person)
    else await this.#deps.moves.answered(next.person, 'declined')
  }

  async #accept(person: PersonId): Promise<ContactRecord> {
    const { book, logs, now } = this.#deps
    const asked = book.require(person)
    if (asked.state === 'accepted') return asked
    if (!isOpen(asked)) throw new WarrenError('CONFLICT', 'there is no request to accept')
    await logs.learnPerson(person, readProof(asked.proof))
    await logs.openDirect(person)
    // They may have taken it back meanwhile, or the owner may have blocked them.
    const record = book.require(person)
    if (!isOpen(record) && record.state !== 'accepted')
      throw new WarrenError('CONFLICT', 'the request is not there any more')
    const after = await book.change(person, {
      ...accepted,
      number: nextNumber(record, now()),
      changedAt: decidedAt(record, now()),
    })
    logs.scopesChanged()
    this.#deps.touch.refreshKept()
    this.#deps.touch.greet(after)
    return after
  }

  /** Says no to a request, and stays at it until they ask anew. Throws NOT_FOUND, CONFLICT. */
  async decline(person: PersonId): Promise<ContactRecord> {
    const { book } = this.#deps
    const record = book.require(person)
    if (record.state !== 'incoming') throw new WarrenError('CONFLICT', 'there is no request to decline')
    const declined = await book.change(person, { state: 'declined', ...this.#answered(record) })
    this.#deps.touch.greet(declined)
    await this.#deps.moves.answered(person, 'declined')
    await this.#forgetOldest()
    return declined
  }

  #answered(record: ContactRecord): Pick<ContactRecord, 'answered' | 'theirs' | 'changedAt'> {
    const answered = this.#deps.hearing.newestOf(record)
    return { answered, theirs: answered, changedAt: decidedAt(record, this.#deps.now()) }
  }

  /** Strangers cannot fill the disk by being declined. */
  async #forgetOldest(): Promise<void> {
    const { book } = this.#deps
    const kept = book.all().filter(({ state, hidden }) => state === 'declined' && !hidden)
    const oldest = kept.toSorted((a, b) => a.changedAt - b.changedAt).slice(0, -limits.declinedRequests)
    for (const { person } of oldest) await book.change(person, forgotten)
  }

  /**
   * Ends a contact, which the other side is told; says no to a request and forgets it; withdraws one. The conversation stays.
   * A former contact is not listed any more. Throws NOT_FOUND.
   */
  async remove(person: PersonId): Promise<void> {
    const { book, logs } = this.#deps
    const record = book.require(person)
    switch (record.state) {
      case 'accepted':
        this.#deps.touch.farewell(
          await book.change(person, { state: 'removed', told: false, proof: noProof, ...this.#answered(record) }),
        )
        return
      case 'incoming':
        this.#deps.touch.greet(
          await book.change(person, { ...forgotten, state: 'declined', ...this.#answered(record) }),
        )
        return
      case 'outgoing':
        await this.#deps.blocking.takeBack(record)
        this.#deps.touch.greet(record)
        return this.#deps.touch.refreshKept()
      case 'blocked':
        await logs.endSilence(person)
        // Their next hello must not come back as a request.
        if (record.before === 'accepted') await book.change(person, { state: 'removed', ...this.#answered(record) })
        else await book.remove(person)
        return
      case 'declined':
      case 'removed':
      case 'ended':
        await book.change(person, { ...forgotten, verification: undefined })
    }
  }
}

/** Whether a yes is still an answer to something. */
const isOpen = ({ state, proof }: ContactRecord): boolean =>
  state === 'incoming' || (state === 'declined' && proof.length > 0)
