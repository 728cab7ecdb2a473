/** warren send: sends one message. */

import { randomUUID } from 'node:crypto'
import type { Message, NewMessage } from '../../../protocol/http-conversations.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Call, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { safeLine } from '../terminal.ts'

/** `-` reads stdin to its end, byte for byte but for one final newline, which the shell added. */
async function readText(call: Call): Promise<string> {
  const words = call.positionals.slice(1)
  if (words.length !== 1 || words[0] !== '-') return words.join(' ')
  const chunks: Uint8Array[] = []
  for await (const chunk of call.input) chunks.push(chunk)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
    return text.replace(/\n$/, '')
  } catch (error) {
    throw new CommandError('BAD_SHAPE', 'what came on stdin is not UTF-8 text', { cause: error })
  }
}

export const command: Command = {
  name: 'send',
  arguments: '<who> <text|->',
  summary: 'send a message',
  description: [
    'Sends a message to a contact, to a group, or to yourself with self or me. Works while no browser is open and while the other side is off: it is delivered when they are back.',
    '<who> is a petname, a name, the name of a group, or the beginning of an id. - reads the text from stdin.',
    'Prints {id, conversation, state} with --json, once the message is safe on disk.',
  ],
  takes: [2, Number.POSITIVE_INFINITY],
  examples: [
    ["warren send bob 'Lunch?'", 'Sends one line.'],
    ['git log -3 | warren send self -', 'Keeps what another program prints.'],
  ],
  async run(call) {
    const text = await readText(call)
    if (text === '') throw new CommandError('USAGE', 'the message is empty')
    const { id, title } = await findConversation(call.client, argument(call, 0))
    const path = `/conversations/${encodeURIComponent(id)}/messages`
    const body: NewMessage = { text, clientId: randomUUID() }
    const message = await call.client.ask<Message>('POST', path, body)
    if (call.json) return call.out.json({ id: message.id, conversation: message.conversation, state: message.state })
    return call.out.line(`${message.state}: message to ${safeLine(title)}`)
  },
}
