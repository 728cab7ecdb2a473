/** Who is blocked: neither heard nor told, and what they write meanwhile is never taken. */

import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { decidedAt, noProof, type ContactRecord } from './contact-record.ts'
import type { ContactsDeps } from './contacts.ts'
import type { Touch } from './touch.ts'
import { forgotten, withdrawn } from './wish.ts'

export class Blocking {
  readonly #deps: ContactsDeps
  readonly #touch: Touch

  constructor(deps: ContactsDeps, touch: Touch) {
    this.#deps = deps
    this.#touch = touch
  }

  /** Nothing of theirs is shown, in whatever conversation. */
  isBlocked(person: PersonId): boolean {
    return this.#deps.book.get(person)?.state === 'blocked'
  }

  async block(person: PersonId): Promise<ContactRecord> {
    const { book, logs, now } = this.#deps
    const record = book.require(person)
    const { state } = record
    if (state !== 'blocked') {
      const changedAt = decidedAt(record, now())
      const change = { state: 'blocked', before: state, link: '', proof: noProof, changedAt } as const
      this.#touch.cut(await book.change(person, change))
    }
    await logs.silence(person)
    return book.require(person)
  }

  /** An unblocked person is what they were before; one who asked, or was asked, is a stranger again. Throws NOT_FOUND, CONFLICT. */
  async unblock(person: PersonId): Promise<void> {
    const { book, logs, now } = this.#deps
    const record = book.require(person)
    if (record.state !== 'blocked') throw new WarrenError('CONFLICT', 'that person is not blocked')
    const { before } = record
    // First: once they are blocked no longer they may bring what they wrote.
    await logs.endSilence(person)
    if (before === 'accepted' || before === 'removed' || before === 'ended')
      await book.change(person, { state: before, changedAt: decidedAt(record, now()) })
    else if (before === 'declined') await book.change(person, { ...forgotten, state: 'declined' })
    else await this.takeBack(record)
    logs.scopesChanged()
    this.#touch.refreshKept()
    this.#touch.greet(record)
  }

  /** A request, either way, is as if it had not been made. */
  async takeBack(record: ContactRecord): Promise<void> {
    const { book, now } = this.#deps
    const left = withdrawn(record, now())
    if (left === 'gone') await book.remove(record.person)
    else await book.change(record.person, left)
  }
}
