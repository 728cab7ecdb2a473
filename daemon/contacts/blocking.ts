/** Who is blocked: neither heard nor told, and what they write meanwhile is never taken. */

import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { decidedAt, mostDevices, noProof, type ContactRecord } from './contact-record.ts'
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

  /**
   * Also of somebody who is known from a group alone, and called `name` there: unblocked they are as if nothing had been. Throws
   * NOT_FOUND, SELF.
   */
  async block(person: PersonId, name = ''): Promise<ContactRecord> {
    const { book, logs, now, groups, self } = this.#deps
    if (person === self.person) throw new WarrenError('SELF', 'that is this device')
    const record = groups.names(person) ? book.get(person) : book.require(person)
    if (record?.state !== 'blocked') {
      const changedAt = decidedAt(record, now())
      const change = {
        state: 'blocked',
        before: record?.state ?? 'outgoing',
        link: '',
        proof: noProof,
        changedAt,
      } as const
      this.#touch.cut(await book.change(person, { ...this.#newcomer(person, record, name), ...change }))
    }
    await logs.silence(person)
    return book.require(person)
  }

  /** What a record begins with of somebody who was never met, and shows again of one whom the owner did not want to see. */
  #newcomer(person: PersonId, record: ContactRecord | undefined, name: string): Partial<ContactRecord> {
    if (record !== undefined && !record.hidden) return {}
    const devices = [...this.#deps.logs.personState(person).devices.keys()].slice(0, mostDevices)
    return { devices, hidden: false, ...(name === '' ? {} : { name }) }
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
