/** How a contact looks to the owner: whom they moved to or came from, for whom they may be taken, whether their keys are the compared ones. */

import { fingerprint, type PersonId } from '../../protocol/ids.ts'
import type { Contact, Predecessor, Successor } from '../../protocol/http-people.ts'
import { mutedFields } from '../../protocol/mute.ts'
import type { Card } from '../../protocol/register.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { ContactRecord } from '../contacts/contact-record.ts'
import type { Standing } from '../contacts/safety.ts'
import type { OwnerGroups } from '../conversations/owner-groups.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { Presence } from '../presence/presence.ts'
import { displayLine, displayLines } from './display-text.ts'
import type { GroupViews } from './group-views.ts'
import type { Lookalikes, Subject } from './lookalikes.ts'
import { shownMismatches } from './mismatch-view.ts'
import { defaultColor } from './profile.ts'

export interface ContactViewsDeps {
  readonly book: ContactBook
  readonly presence: Pick<Presence, 'isOnline'>
  readonly conversations: OwnerView
  readonly ownGroups: OwnerGroups
  readonly groups: Pick<GroupViews, 'title'>
  readonly lookalikes: Lookalikes
  readonly asksAgain: (record: ContactRecord) => boolean
  /** See Moves.stands(). */
  readonly moveStands: (record: ContactRecord) => boolean
  readonly standing: (record: ContactRecord) => Standing
  /** They gave this device the right to wake one of theirs. */
  readonly isWakeable: (person: PersonId) => boolean
  /** The newest card among a person's devices. */
  readonly card: (person: PersonId) => Card | undefined
  /** What the owner calls a person; may be empty. */
  readonly nameOf: (person: PersonId) => string
  /** Epoch milliseconds. */
  readonly now: () => number
}

export class ContactViews {
  readonly #deps: ContactViewsDeps

  constructor(deps: ContactViewsDeps) {
    this.#deps = deps
  }

  contact(record: ContactRecord): Contact {
    const { person } = record
    const card = this.#deps.card(person)
    const conversation = this.#deps.conversations.idFor(person)
    const muted = conversation === undefined ? record : this.#deps.conversations.record(conversation)
    const first = record.devices[0]
    const petname = displayLine(record.petname)
    const name = displayLine(card?.name ?? record.name)
    const moves = this.#moves(record)
    const before = moves.cameFrom?.id as PersonId | undefined
    return {
      id: person,
      name,
      petname,
      state: record.state,
      declined: record.state === 'outgoing' && record.refused,
      askedAgain: this.#deps.asksAgain(record),
      online: record.state === 'accepted' && this.#deps.presence.isOnline(person),
      ...verifiedFields(record, this.#deps.standing(record)),
      // One switch for the person and for their conversation, wherever it is thrown.
      ...mutedFields(muted.mutedUntil, this.#deps.now()),
      status: record.state === 'accepted' ? displayLine(card?.status ?? '') : '',
      color: card?.color ?? defaultColor(person),
      note: displayLines(record.note),
      lastSeenAt: record.lastSeenAt,
      ...this.#wakeable(record),
      fingerprint: first === undefined ? '' : fingerprint(first),
      deviceIds: [...record.devices],
      ...(conversation === undefined ? {} : { conversation }),
      ...this.#shared(record),
      ...shownMismatches(record, this.#next(record)),
      ...moves,
      ...this.#warning({ person, name: petname || name, isNamed: petname !== '', addresses: record.addresses, before }),
    }
  }

  #wakeable({ state, person }: ContactRecord): Pick<Contact, 'wakeable'> {
    return state === 'accepted' && this.#deps.isWakeable(person) ? { wakeable: true } : {}
  }

  #warning(subject: Subject): Pick<Contact, 'lookalike'> {
    const lookalike = this.#deps.lookalikes.of(subject)
    return lookalike === undefined ? {} : { lookalike }
  }

  #moves(record: ContactRecord): Pick<Contact, 'movedTo' | 'cameFrom'> {
    const movedTo = this.#movedTo(record)
    const cameFrom = this.#cameFrom(record.person)
    return { ...(movedTo === undefined ? {} : { movedTo }), ...(cameFrom === undefined ? {} : { cameFrom }) }
  }

  /** Whom a contact goes on as, unless their log does not say so any more. */
  #next(record: ContactRecord): ContactRecord | undefined {
    const { book, moveStands } = this.#deps
    return record.movedTo !== undefined && moveStands(record) ? book.get(record.movedTo.person) : undefined
  }

  /** Nothing while there is nobody to follow them to. */
  #movedTo(record: ContactRecord): Successor | undefined {
    const { movedTo } = record
    const next = this.#next(record)
    if (movedTo === undefined || movedTo.answer === 'declined' || next === undefined || next.hidden) return undefined
    if (movedTo.answer === 'open' && next.state !== 'incoming' && next.state !== 'accepted') return undefined
    return { id: movedTo.person, name: this.#deps.nameOf(movedTo.person), answer: movedTo.answer }
  }

  #cameFrom(person: PersonId): Predecessor | undefined {
    const { book, conversations } = this.#deps
    const before = book.movedFrom(person)
    const movedTo = before === undefined ? undefined : this.#movedTo(before)
    if (before === undefined || movedTo === undefined) return undefined
    const conversation = conversations.idFor(before.person)
    return {
      id: before.person,
      name: this.#deps.nameOf(before.person),
      answer: movedTo.answer,
      ...(conversation === undefined ? {} : { conversation }),
    }
  }

  /** Where somebody who asks, or was asked, comes from: what the owner is told with the request. */
  #shared({ person, state }: ContactRecord): Pick<Contact, 'groups'> {
    if (state !== 'incoming' && state !== 'outgoing' && state !== 'declined') return {}
    const groups = this.#deps.ownGroups.sharedWith(person)
    return groups.length === 0 ? {} : { groups: groups.map((id) => ({ id, name: this.#deps.groups.title(id) })) }
  }
}

function verifiedFields(
  { verification }: ContactRecord,
  standing: Standing,
): Pick<Contact, 'verified' | 'verifiedAt' | 'keysChanged'> {
  return {
    verified: standing === 'verified',
    ...(verification === undefined ? {} : { verifiedAt: verification.at }),
    ...(standing === 'changed' ? { keysChanged: true } : {}),
  }
}
