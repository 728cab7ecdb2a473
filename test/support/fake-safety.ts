/** Safety numbers of an owner in memory: one number for everybody, and a code for each thing that a code may mean. */

import type { SafetyNumbers } from '../../daemon/api/owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Contact, NewVerification, Safety, Verification, VerificationResult } from '../../protocol/http-people.ts'

/** Twelve groups. */
export const fakeNumber = Array.from({ length: 12 }, (_, at) => String(10_101 * (at % 10)).padStart(5, '0')).join(' ')

export const verifiedAt = 1_760_000_000_000

export class FakeSafety implements SafetyNumbers {
  readonly #find: (id: string) => Contact
  readonly #put: (contact: Contact) => void

  /** `find` throws NOT_FOUND; `put` publishes. */
  constructor(find: (id: string) => Contact, put: (contact: Contact) => void) {
    this.#find = find
    this.#put = put
  }

  show(id: string): Safety {
    this.#find(id)
    return { number: fakeNumber, code: 'warren:match', newDevices: [] }
  }

  /** The code `warren:match` matches, `warren:own-code` is one's own, and so on; `warren:?` is damaged. */
  async verify(id: string, { number, code }: NewVerification): Promise<Verification> {
    const contact = this.#find(id)
    const result =
      code?.replace('warren:', '') ?? (digitsOf(number) === digitsOf(fakeNumber) ? 'match' : 'other-number')
    if (result === '?') throw new WarrenError('BAD_LINK', 'the link is damaged')
    if (result === 'match') this.#put({ ...without(contact), verified: true, verifiedAt })
    const answer = { result: result as VerificationResult, contact: this.#find(id) }
    return await Promise.resolve(result === 'other-person' ? { ...answer, shownBy: 'carol' } : answer)
  }

  async clear(id: string): Promise<Contact> {
    const contact = { ...without(this.#find(id)), verified: false }
    this.#put(contact)
    return await Promise.resolve(contact)
  }
}

const digitsOf = (number = ''): string => number.replaceAll(/\s/g, '')

const without = ({ verifiedAt: _at, keysChanged: _changed, ...contact }: Contact): Contact => contact
