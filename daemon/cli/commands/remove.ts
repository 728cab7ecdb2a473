/** warren remove: ends a contact, or takes a request off the list. */

import type { Contact } from '../../../protocol/http-people.ts'
import { argument, type Command } from '../command.ts'
import { safeLine } from '../terminal.ts'
import { callName, findContact } from '../who.ts'

export const command: Command = {
  name: 'remove',
  arguments: '<who>',
  summary: 'end a contact, or take back or forget a request',
  description: [
    'Ends a contact: the other person is told, and neither reaches the other any more. Takes back a request of yours; declines and forgets one of theirs.',
    'The conversation stays unless --delete-messages is given, which deletes it on this device; the other person keeps theirs.',
    '<who> is a petname, a name, or the beginning of an id. Prints {id, state} with --json.',
  ],
  options: { 'delete-messages': { type: 'boolean', help: 'delete the conversation here too; this cannot be undone' } },
  takes: [1, 1],
  examples: [['warren remove bob', 'Bob is no contact any more; what was said stays readable.']],
  async run(call) {
    const found = findContact(await call.client.list<Contact>('/contacts'), argument(call, 0), ['accepted'])
    const path = `/contacts/${encodeURIComponent(found.id)}`
    const { state, conversation } = found
    const isDeleting = call.values['delete-messages'] === true && conversation !== undefined
    if (state === 'accepted' || !isDeleting) await call.client.ask<undefined>('DELETE', path)
    if (isDeleting) {
      await call.client.ask<undefined>('DELETE', `/conversations/${encodeURIComponent(conversation)}`)
      // The contact that was: nothing is left to show for it.
      await call.client.ask<undefined>('DELETE', path)
    }
    if (call.json) return call.out.json({ id: found.id, state: 'removed' })
    return call.out.line(`${safeLine(callName(found))} was removed`)
  },
}
