/** The conversation that `<who>` means: with a contact, a group, or the notes to oneself. */

import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type { Client } from './client.ts'
import { groupsOf, isCurrent, type NamedGroup } from './groups/find.ts'
import { callName, findNamed, isSelf, type Named } from './who.ts'

export interface Found {
  readonly id: string
  readonly title: string
  readonly kind: Conversation['kind']
}

interface Meant extends Named {
  readonly contact?: Contact
  readonly group?: NamedGroup
}

const comesFirst = ({ contact, group }: Meant): boolean =>
  contact?.state === 'accepted' || (group !== undefined && isCurrent(group))

/** Opens it if it is not open yet. Throws NOT_FOUND, AMBIGUOUS and what the daemon refuses with. */
export async function findConversation(client: Client, who: string): Promise<Found> {
  if (isSelf(who)) {
    const own = (await client.list<Conversation>('/conversations')).find(
      ({ kind, former }) => kind === 'self' && former !== true,
    )
    const { id } = own ?? (await client.ask<Conversation>('POST', '/conversations', { kind: 'self' }))
    return { id, title: 'Notes to self', kind: 'self' }
  }
  const contacts = await client.list<Contact>('/contacts')
  const all: Meant[] = [
    ...contacts.map((contact): Meant => ({ ...contact, contact })),
    ...(await groupsOf(client)).map((group): Meant => ({ ...group, group })),
  ]
  const missing = `nobody called "${who}" is among the contacts and groups`
  const { id, contact, ...meant } = findNamed(all, who, comesFirst, missing)
  const title = callName({ id, ...meant })
  if (contact === undefined) return { id, title, kind: 'group' }
  if (contact.conversation !== undefined) return { id: contact.conversation, title, kind: 'direct' }
  const left = await formerWith(client, contact)
  if (left !== undefined) return { id: left.id, title, kind: 'direct' }
  const opened = await client.ask<Conversation>('POST', '/conversations', { kind: 'direct', members: [contact.id] })
  return { id: opened.id, title, kind: 'direct' }
}

/** From before this device was linked: with somebody who is asked anew, it is all there is, to be read. */
const formerWith = async (client: Client, { id, state }: Contact): Promise<Conversation | undefined> =>
  state === 'accepted'
    ? undefined
    : (await client.list<Conversation>('/conversations')).find(
        ({ contactId, former }) => contactId === id && former === true,
      )
