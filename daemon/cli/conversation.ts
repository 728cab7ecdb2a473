/** The conversation that `<who>` means: with a contact, or the notes to oneself. */

import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type { Client } from './client.ts'
import { callName, findContact, isSelf } from './who.ts'

export interface Found {
  readonly id: string
  readonly title: string
}

/** Opens it if it is not open yet. Throws NOT_FOUND, AMBIGUOUS and what the daemon refuses with. */
export async function findConversation(client: Client, who: string): Promise<Found> {
  if (isSelf(who)) {
    const own = (await client.list<Conversation>('/conversations')).find(({ kind }) => kind === 'self')
    const { id } = own ?? (await client.ask<Conversation>('POST', '/conversations', { kind: 'self' }))
    return { id, title: 'Notes to self' }
  }
  const contact = findContact(await client.list<Contact>('/contacts'), who, ['accepted'])
  const title = callName(contact)
  if (contact.conversation !== undefined) return { id: contact.conversation, title }
  const members = [contact.id]
  const { id } = await client.ask<Conversation>('POST', '/conversations', { kind: 'direct', members })
  return { id, title }
}
