/** warren unmute: a conversation may draw attention again. */

import { argument, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { safeLine } from '../terminal.ts'

export const command: Command = {
  name: 'unmute',
  arguments: '<who>',
  summary: 'end the muting of a conversation',
  description: [
    'New messages of the conversation draw attention again.',
    '<who> is a petname, a name, the name of a group, or the beginning of an id. Prints {conversation, muted} with --json.',
  ],
  takes: [1, 1],
  examples: [['warren unmute bob', 'Hears of new messages from Bob again.']],
  async run(call) {
    const { id, title } = await findConversation(call.client, argument(call, 0))
    await call.client.ask('PATCH', `/conversations/${encodeURIComponent(id)}`, { muted: false })
    if (call.json) return call.out.json({ conversation: id, muted: false })
    return call.out.line(`${safeLine(title)} is not muted any more`)
  },
}
