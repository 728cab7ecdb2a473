/** warren delete: deletes a conversation on this device, for good. */

import type { Conversation } from '../../../protocol/http-conversations.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { findConversation } from '../conversation.ts'
import { safeLine } from '../terminal.ts'

export const command: Command = {
  name: 'delete',
  arguments: '<who>',
  summary: 'delete a conversation on this device',
  description: [
    'Deletes all messages with a contact, or the notes to yourself with self or me, or those of a group that you left, on this device and only here: the key that sealed them is thrown away, and then they are. Nothing brings them back; a later message begins the conversation anew.',
    '<who> is a petname, a name, the name of a group, or the beginning of an id. Asks before it deletes, unless --yes is given.',
    'Prints {deleted: id} with --json.',
  ],
  options: { yes: { type: 'boolean', help: 'do not ask' } },
  takes: [1, 1],
  examples: [
    ['warren delete bob', 'Asks, and deletes what was said with Bob.'],
    ['warren delete self --yes', 'Deletes all notes at once.'],
  ],
  async run(call) {
    const { id, title, kind } = await findConversation(call.client, argument(call, 0))
    const listed = await call.client.list<Conversation>('/conversations')
    if (!listed.some((each) => each.id === id)) throw new CommandError('NOT_FOUND', 'there is nothing to delete')
    const others = kind === 'group' ? 'The other members keep theirs.' : 'The other side keeps theirs.'
    const warning = `Everything in "${safeLine(title)}" is deleted on this device, for good. ${others}`
    await confirm(call, warning, 'Type yes to delete it:', 'nothing was deleted')
    await call.client.ask('DELETE', `/conversations/${encodeURIComponent(id)}`)
    if (call.json) return call.out.json({ deleted: id })
    return call.out.line(`deleted: ${safeLine(title)}`)
  },
}
