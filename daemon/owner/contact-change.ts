/** What the owner changes about a contact. */

import { readCodePoints } from '../../protocol/codec.ts'
import type { Contact, ContactPatch } from '../../protocol/http-people.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { askedMute, notMuted } from '../../protocol/mute.ts'
import type { ContactRecord } from '../contacts/contact-record.ts'
import { displayLine } from './display-text.ts'
import { Invitations } from './invitations.ts'
import type { OwnerDeps } from './owner.ts'

export type ContactChangeDeps = Pick<
  OwnerDeps,
  'book' | 'bus' | 'contacts' | 'conversations' | 'groups' | 'mismatches' | 'mutes' | 'ownGroups' | 'views'
>

/** Throws NOT_FOUND, BAD_SHAPE, CONFLICT. */
export async function changeContact(deps: ContactChangeDeps, person: PersonId, patch: ContactPatch): Promise<Contact> {
  const { book, views, mutes, mismatches } = deps
  const before = patch.state === 'blocked' ? await block(deps, person) : book.require(person)
  const { petname, state, dismiss, follow } = patch
  const mutedUntil = askedMute(patch)
  if (petname !== undefined) {
    readCodePoints(petname, limits.nameCodePoints)
    await book.change(person, { petname: displayLine(petname) })
    titleChanged(deps, person)
  }
  if (mutedUntil !== undefined) await mutes.muteContact(person, mutedUntil)
  if (state !== undefined) await setState(deps, person, state)
  if (follow !== undefined) await followContact(deps, person, follow)
  if (dismiss !== undefined) await mismatches.dismiss(person, dismiss)
  return views.contact(book.get(person) ?? before)
}

async function setState(
  deps: ContactChangeDeps,
  person: PersonId,
  state: NonNullable<ContactPatch['state']>,
): Promise<void> {
  const { contacts } = deps
  switch (state) {
    case 'accepted':
      await contacts.accept(person)
      await asBefore(deps, person)
      break
    case 'declined':
      await contacts.decline(person)
      break
    case 'blocked':
      // Before all else: it may be somebody who is no contact.
      break
    case 'unblocked':
      await contacts.unblock(person)
      new Invitations(deps).changed(person)
      break
  }
}

async function block(deps: ContactChangeDeps, person: PersonId): Promise<ContactRecord> {
  const record = await deps.contacts.block(person, deps.views.chosenName(person))
  await new Invitations(deps).refuse(person)
  return record
}

async function followContact(deps: ContactChangeDeps, person: PersonId, follows: boolean): Promise<void> {
  const next = deps.book.require(person).movedTo
  await deps.contacts.follow(person, follows)
  if (follows && next !== undefined) await asBefore(deps, next.person)
}

/** Name and mute may have come along from whom they were before: the conversation shows them. */
async function asBefore(deps: ContactChangeDeps, person: PersonId): Promise<void> {
  const { mutedUntil } = deps.book.require(person)
  if (mutedUntil !== notMuted) await deps.mutes.muteContact(person, mutedUntil)
  titleChanged(deps, person)
}

function titleChanged({ conversations, bus }: ContactChangeDeps, person: PersonId): void {
  const conversation = conversations.idFor(person)
  if (conversation !== undefined) bus.publish({ type: 'conversation', conversation })
}
