/** What people and devices are called on this page. */

import { msg } from '@lit/localize'
import type { Contact, Peer, Successor } from '../../protocol/http-people.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'

/** Enough of a fingerprint to tell devices apart in a list. */
export const shortFingerprint = (fingerprint: string): string => fingerprint.replaceAll(/\s+/g, ' ').slice(0, 9).trim()

/** Scripts that run from right to left. */
const fromRight =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u

/** A name inside a sentence: it cannot pull the words around it to its own side. */
export const isolated = (name: string): string => (fromRight.test(name) ? `\u2068${name}\u2069` : name)

export const contactName = (contact: Contact): string =>
  contact.petname !== '' ? contact.petname : contact.name !== '' ? contact.name : msg('Unnamed person')

/** Of whom a contact goes on as; `all`: contacts and requests by their ids. */
export function successorName({ id, name }: Successor, all: ReadonlyMap<string, Contact>): string {
  const known = all.get(id)
  return known === undefined ? name || msg('Unnamed person') : contactName(known)
}

export const peerName = (peer: Peer): string => (peer.name === '' ? msg('Unnamed device') : peer.name)

export const conversationName = (conversation: Conversation, contact: Contact | undefined): string => {
  if (conversation.kind === 'self') return msg('Notes to self')
  if (conversation.kind === 'group') return conversation.title || msg('Unnamed group')
  return contact === undefined ? conversation.title || msg('Unnamed person') : contactName(contact)
}

/** The picture of a group that has one, for warren-avatar. */
export const groupPicture = (
  conversation: Conversation | undefined,
): { id: string; conversation: string; url?: string } | undefined =>
  conversation?.group?.picture && { ...conversation.group.picture, conversation: conversation.id }
