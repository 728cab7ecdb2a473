/** Addresses that the owner gave for a contact, at which another device answers now: told until it is back, or the owner has seen it. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Log } from '../log.ts'
import type { ContactBook } from './contact-book.ts'
import { mostMismatches, type ContactRecord, type Mismatch } from './contact-record.ts'
import type { PersonLogs, Reach } from './contacts.ts'

export interface MismatchesDeps {
  readonly book: ContactBook
  readonly logs: Pick<PersonLogs, 'personOf'>
  readonly reach: Pick<Reach, 'check'>
  readonly self: { readonly device: DeviceId }
  readonly log: Log
  readonly now: () => number
}

export class Mismatches {
  readonly #deps: MismatchesDeps

  constructor(deps: MismatchesDeps) {
    this.#deps = deps
  }

  /** Another device answered where this one was: who it is is what it claims. */
  mismatched(device: DeviceId, address: string, answering: DeviceId): void {
    const { book, logs, self, now } = this.#deps
    const record = this.#recordOf(device)
    if (record?.state !== 'accepted' && record?.state !== 'outgoing') return
    const isTheirs = logs.personOf(answering) === record.person || book.ofDevice(answering) === record
    // No news, and no end of any: whoever sits there can claim to be a device of theirs, or our own.
    if (isTheirs || answering === self.device) return
    const others = record.mismatches.filter((each) => each.address !== address)
    const known = record.mismatches.find((each) => each.address === address)
    if (known?.answering === answering && known.device === device) return
    const mismatch: Mismatch = { address, device, answering, at: now(), dismissed: false }
    this.#change(record, [...others, mismatch].slice(-mostMismatches))
  }

  /** The device itself answers at this address, and has proven who it is. */
  matched(device: DeviceId, address: string): void {
    const record = this.#recordOf(device)
    const left = record?.mismatches.filter((each) => each.address !== address || each.device !== device) ?? []
    if (record !== undefined && left.length < record.mismatches.length) this.#change(record, left)
  }

  /** A link with the device stands, whoever dialled: it may be back at the address. */
  linked(device: DeviceId): void {
    for (const { device: missed, address } of this.#recordOf(device)?.mismatches ?? []) {
      // What the network finds it tells by mismatched() and matched(); where nobody is nothing changes.
      if (missed === device) this.#deps.reach.check(device, address).catch(() => undefined)
    }
  }

  /** The owner has seen it: it is not shown again unless yet another device answers. Throws NOT_FOUND. */
  async dismiss(person: PersonId, address: string): Promise<void> {
    const { book } = this.#deps
    const { mismatches } = book.require(person)
    if (!mismatches.some((each) => each.address === address))
      throw new WarrenError('NOT_FOUND', 'no other device answers at this address')
    const seen = mismatches.map((each) => (each.address === address ? { ...each, dismissed: true } : each))
    await book.change(person, { mismatches: seen })
  }

  #recordOf(device: DeviceId): ContactRecord | undefined {
    const { book, logs } = this.#deps
    const person = logs.personOf(device)
    return book.ofDevice(device) ?? (person === undefined ? undefined : book.get(person))
  }

  #change({ person }: ContactRecord, mismatches: readonly Mismatch[]): void {
    this.#deps.book
      .change(person, { mismatches })
      .catch(() => this.#deps.log('warn', 'who answers at the address of a contact could not be stored'))
  }
}
