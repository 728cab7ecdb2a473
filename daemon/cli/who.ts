/** Finds the contact that somebody means by a petname, a name or the beginning of an id. */

import type { Contact } from '../../protocol/http-people.ts'
import { CommandError } from './command-error.ts'

/** Shorter prefixes would match by accident. */
const leastPrefix = 4

const same = (a: string, b: string): boolean => a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

const shortId = (id: string): string => id.slice(0, 8)

/** How a contact is called on the terminal. */
export const callName = (contact: Contact): string => contact.petname || contact.name || shortId(contact.id)

export const isSelf = (who: string): boolean => same(who, 'self') || same(who, 'me')

/** Petnames first: nobody else can choose them. */
function candidates(contacts: readonly Contact[], who: string): Contact[] {
  const tiers: ((contact: Contact) => boolean)[] = [
    (contact) => contact.id === who || contact.deviceIds.includes(who),
    (contact) => contact.petname !== '' && same(contact.petname, who),
    (contact) => contact.name !== '' && same(contact.name, who),
    (contact) =>
      who.length >= leastPrefix &&
      (contact.id.startsWith(who) || contact.deviceIds.some((deviceId) => deviceId.startsWith(who))),
  ]
  for (const matches of tiers) {
    const found = contacts.filter((contact) => matches(contact))
    if (found.length > 0) return found
  }
  return []
}

/** Prefers contacts in one of `states`. Throws NOT_FOUND, or AMBIGUOUS with the candidates. */
export function findContact(contacts: readonly Contact[], who: string, states: readonly Contact['state'][]): Contact {
  const fitting = candidates(
    contacts.filter((contact) => states.includes(contact.state)),
    who,
  )
  const found = fitting.length > 0 ? fitting : candidates(contacts, who)
  const [first] = found
  if (first === undefined) throw new CommandError('NOT_FOUND', `nobody called "${who}" is among the contacts`)
  if (found.length === 1) return first
  const list = found.map((contact) => `${callName(contact)} (${shortId(contact.id)})`).join(', ')
  throw new CommandError('AMBIGUOUS', `"${who}" may be ${list}: use the id`)
}
