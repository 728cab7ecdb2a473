/** warren mute: no noise from a conversation, for a while or for ever. */

import type { Conversation, ConversationPatch } from '../../../protocol/http-conversations.ts'
import { argument, textValue, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { readDuration } from '../duration.ts'
import { safeLine } from '../terminal.ts'

export const command: Command = {
  name: 'mute',
  arguments: '<who>',
  summary: 'mute a conversation',
  description: [
    'What is said in it still arrives and counts as unread, but nothing draws attention to it. With --for it ends by itself; without, it lasts until warren unmute.',
    '<who> is a petname, a name, the name of a group, or the beginning of an id. Prints {conversation, muted, mutedUntil} with --json, without mutedUntil if there is no end.',
  ],
  options: { for: { type: 'string', value: 'SPAN', help: 'how long: 30m, 8h, 7d, 1w' } },
  takes: [1, 1],
  examples: [
    ['warren mute bob --for 8h', 'Bob makes no noise until tomorrow morning.'],
    ['warren mute bob', 'Bob makes no noise until warren unmute bob.'],
  ],
  async run(call) {
    const span = textValue(call.values, 'for')
    const patch: ConversationPatch =
      span === undefined ? { muted: true } : { muted: true, mutedUntil: Date.now() + readDuration(span) }
    const { id, title } = await findConversation(call.client, argument(call, 0))
    const path = `/conversations/${encodeURIComponent(id)}`
    const { muted, mutedUntil } = await call.client.ask<Conversation>('PATCH', path, patch)
    if (call.json)
      return call.out.json({ conversation: id, muted, ...(mutedUntil === undefined ? {} : { mutedUntil }) })
    const end = mutedUntil === undefined ? '' : ` until ${new Date(mutedUntil).toLocaleString('sv-SE').slice(0, 16)}`
    return call.out.line(`${safeLine(title)} is muted${end}`)
  },
}
