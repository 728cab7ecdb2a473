/** warren contacts: contacts and contact requests. */

import type { Contact } from '../../../protocol/http-people.ts'
import { carefulLines } from '../careful.ts'
import type { Client } from '../client.ts'
import { textValue, type Command } from '../command.ts'
import { keysChangedLines } from '../keys-changed.ts'
import { safeLine } from '../terminal.ts'
import { callName, findContact } from '../who.ts'

/** Of a contact who goes on as another person, and of that person while they ask. */
function movedText({ state, movedTo, cameFrom }: Contact): string | undefined {
  if (movedTo !== undefined) {
    const next = safeLine(movedTo.name) || movedTo.id.slice(0, 8)
    return movedTo.answer === 'open' ? `goes on as ${next}: warren accept or decline` : `went on as ${next}`
  }
  if (state !== 'incoming' || cameFrom === undefined) return undefined
  return `asks to be a contact, was ${safeLine(cameFrom.name)} until now`
}

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
    case 'declined':
      return contact.askedAgain ? 'you declined, asked again' : 'you declined'
    case 'removed':
      return 'you ended it'
    case 'ended':
      return 'ended it: warren ask'
    default:
      return contact.state satisfies never
  }
}

function standing(contact: Contact): string {
  const text = movedText(contact) ?? stateText(contact)
  return contact.verified ? `${text}, verified` : text
}

/** Where somebody comes from who asks, and is no contact. */
const sharedText = ({ groups = [] }: Contact): string =>
  groups.length === 0 ? '' : `shares ${groups.map(({ name }) => safeLine(name)).join(', ')} with you`

/** Not listed unless asked for: the owner has answered them. */
const answered: ReadonlySet<Contact['state']> = new Set(['declined', 'removed'])

async function putAway(client: Client, who: string): Promise<void> {
  const found = findContact(await client.list<Contact>('/contacts'), who, ['accepted', 'outgoing'])
  for (const { address } of found.mismatches ?? [])
    await client.ask('PATCH', `/contacts/${encodeURIComponent(found.id)}`, { dismiss: address })
}

export const command: Command = {
  name: 'contacts',
  arguments: '',
  summary: 'list contacts and contact requests',
  description: [
    'Prints [{id, name, petname, state, online, verified}] with --json. The state is accepted, incoming, outgoing, blocked or ended, which is a former contact who does not want to be one any more; with --declined it is declined or removed.',
    'A line that begins with careful: tells of somebody whose name looks like that of another contact, or of an address that you gave for a contact and at which another device answers now, with the fingerprints of both.',
    "A contact whose device was linked to somebody's others goes on as that person: warren accept takes you along, warren decline does not. Compare safety numbers anew where it matters.",
    'With --dismiss you have seen the latter: they are not shown again unless yet another device answers there.',
  ],
  options: {
    declined: { type: 'boolean', help: 'list requests that you declined and contacts that you ended instead' },
    dismiss: { type: 'string', help: 'put away what is said of the addresses of this contact', value: 'WHO' },
  },
  takes: [0, 0],
  examples: [
    ['warren contacts', 'Shows everybody and who waits for an answer.'],
    ['warren contacts --dismiss bob', 'Puts away the warning that another device answers where Bob was found.'],
    ['warren contacts --declined', 'Shows whom you said no to: warren accept, block and remove work on them too.'],
  ],
  async run({ client, json, out, values }) {
    const dismiss = textValue(values, 'dismiss')
    if (dismiss !== undefined) await putAway(client, dismiss)
    const isDeclined = values['declined'] === true
    const all = await client.list<Contact>('/contacts')
    const contacts = all.filter(({ state }) => answered.has(state) === isDeclined)
    if (json) return out.json(contacts)
    if (contacts.length === 0) return out.line(isDeclined ? 'nobody was declined' : 'no contacts yet: warren add')
    out.rows(
      contacts.map((contact) => [
        safeLine(callName(contact)),
        contact.id.slice(0, 8),
        contact.fingerprint,
        standing(contact),
        // A note may have lines.
        safeLine(contact.note.replaceAll(/\s+/g, ' ')),
        sharedText(contact),
      ]),
    )
    for (const contact of contacts) {
      const name = callName(contact)
      for (const line of [...carefulLines(name, contact), ...keysChangedLines(name, contact)]) out.line(line)
    }
    return undefined
  },
}
