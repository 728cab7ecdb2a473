/** warren delete: deletes a conversation on this device, for good. */

import type { Conversation } from '../../../protocol/http-conversations.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Call, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { safeLine } from '../terminal.ts'

/** What was typed, up to the first newline or the end. */
async function readAnswer({ input }: Call): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString('utf8')
    if (text.includes('\n')) break
  }
  return text.split('\n')[0]?.trim().toLowerCase() ?? ''
}

async function confirm(call: Call, title: string): Promise<void> {
  if (call.values['yes'] === true) return
  if (call.json) throw new CommandError('USAGE', 'with --json nobody is asked: add --yes')
  call.out.line(`Everything in "${safeLine(title)}" is deleted on this device, for good. The other side keeps theirs.`)
  call.out.line('Type yes to delete it:')
  if ((await readAnswer(call)) !== 'yes') throw new CommandError('NOT_ALLOWED', 'nothing was deleted')
}

export const command: Command = {
  name: 'delete',
  arguments: '<who>',
  summary: 'delete a conversation on this device',
  description: [
    'Deletes all messages with a contact, or the notes to yourself with self or me, on this device and only here: the key that sealed them is thrown away, and then they are. Nothing brings them back; a later message begins the conversation anew.',
    '<who> is a petname, a name, or the beginning of an id. Asks before it deletes, unless --yes is given.',
    'Prints {deleted: id} with --json.',
  ],
  options: { yes: { type: 'boolean', help: 'do not ask' } },
  takes: [1, 1],
  examples: [
    ['warren delete bob', 'Asks, and deletes what was said with Bob.'],
    ['warren delete self --yes', 'Deletes all notes at once.'],
  ],
  async run(call) {
    const { id, title } = await findConversation(call.client, argument(call, 0))
    const listed = await call.client.list<Conversation>('/conversations')
    if (!listed.some((each) => each.id === id)) throw new CommandError('NOT_FOUND', 'there is nothing to delete')
    await confirm(call, title)
    await call.client.ask('DELETE', `/conversations/${encodeURIComponent(id)}`)
    if (call.json) return call.out.json({ deleted: id })
    return call.out.line(`deleted: ${safeLine(title)}`)
  },
}
