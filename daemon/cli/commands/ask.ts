/** warren ask: asks somebody again. */

import type { Contact } from '../../../protocol/http-people.ts'
import { argument, textValue, type Command } from '../command.ts'
import { safeLine } from '../terminal.ts'
import { callName, findContact } from '../who.ts'

export const command: Command = {
  name: 'ask',
  arguments: '<who>',
  summary: 'ask somebody again to be a contact',
  description: [
    'Sends a new request to somebody who declined one, or who was a contact until one of you ended it. What you wrote to each other stays, and goes on where it ended.',
    '<who> is a petname, a name, or the beginning of an id. Prints the contact with --json.',
  ],
  options: { note: { type: 'string', value: 'TEXT', help: 'words that go with the request, at most 256 characters' } },
  takes: [1, 1],
  examples: [["warren ask bob --note 'Sorry, my mistake'", 'Asks Bob again.']],
  async run(call) {
    const states = ['ended', 'removed', 'outgoing', 'declined'] as const
    const found = findContact(await call.client.list<Contact>('/contacts'), argument(call, 0), states)
    const note = textValue(call.values, 'note')
    const contact = await call.client.ask<Contact>('POST', '/contacts', {
      contactId: found.id,
      ...(note === undefined ? {} : { note }),
    })
    if (call.json) return call.out.json(contact)
    const name = safeLine(callName(contact))
    return call.out.line(contact.state === 'accepted' ? `${name} is a contact` : `request to ${name} is on its way`)
  },
}
