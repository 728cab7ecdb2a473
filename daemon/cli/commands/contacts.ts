/** warren contacts: contacts and contact requests. */

import type { Contact } from '../../../protocol/http.ts'
import type { Command } from '../command.ts'
import { safeLine } from '../terminal.ts'
import { callName } from '../who.ts'

function stateText(contact: Contact): string {
  switch (contact.state) {
    case 'accepted':
      return contact.online ? 'online' : 'offline'
    case 'incoming':
      return 'asks to be a contact'
    case 'outgoing':
      return contact.declined ? 'said no' : 'was asked'
    case 'blocked':
      return 'blocked'
    default:
      return contact.state satisfies never
  }
}

export const command: Command = {
  name: 'contacts',
  arguments: '',
  summary: 'list contacts and contact requests',
  description: ['Prints [{id, name, petname, state, online, verified}] with --json.'],
  takes: [0, 0],
  examples: [['warren contacts', 'Shows everybody and who waits for an answer.']],
  async run({ client, json, out }) {
    const contacts = await client.list<Contact>('/contacts')
    if (json) return out.json(contacts)
    if (contacts.length === 0) return out.line('no contacts yet: warren add')
    return out.rows(
      contacts.map((contact) => [
        safeLine(callName(contact)),
        contact.id.slice(0, 8),
        contact.fingerprint,
        stateText(contact),
        safeLine(contact.note),
      ]),
    )
  },
}
