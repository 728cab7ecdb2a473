/** warren send: sends one message. */

import { randomUUID } from 'node:crypto'
import type { Message, NewMessage } from '../../../protocol/http-conversations.ts'
import { addFiles } from '../add-files.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Call, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { followDelivery, readWaking, wakingText, type Standing } from '../delivery.ts'
import { safeLine } from '../terminal.ts'

const tooLong = (): CommandError =>
  new CommandError('TOO_LARGE', 'a message has at most 64 KiB of text: send what is longer as a file, with --file')

/** Far more than a message may have, which the daemon knows. */
const mostInputBytes = 1024 * 1024

/** All of stdin, which may have no end. */
async function readInput(call: Call): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of call.input) {
    bytes += chunk.length
    if (bytes > mostInputBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `-` reads stdin to its end, byte for byte but for one final newline, which the shell added. */
async function readText(call: Call): Promise<string> {
  const words = call.positionals.slice(1)
  if (words.length !== 1 || words[0] !== '-') return words.join(' ')
  const bytes = await readInput(call)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.replace(/\n$/, '')
  } catch (error) {
    throw new CommandError('BAD_SHAPE', 'what came on stdin is not UTF-8 text', { cause: error })
  }
}

export const command: Command = {
  name: 'send',
  arguments: '<who> [text|-]',
  summary: 'send a message, files or both',
  description: [
    'Sends a message to a contact, to a group, or to yourself with self or me. Works while no browser is open and while the other side is off: it is delivered when they are back.',
    '<who> is a petname, a name, the name of a group, or the beginning of an id. - reads the text from stdin.',
    'With --file, which may be given several times, files go with it, and the text may be left out. They are sent as they are, with all that they say of where and when they were made; their names are, the folders that they lie in are not.',
    'Says which devices that sleep are woken for it. With --wait it goes on to say what becomes of it, a line each time, until everybody has it; notes to yourself until another device of yours has them.',
    'Prints {id, conversation, state} with --json once the message is safe on disk, attachments: [{id, name, type, size}] where there are files, and waking: [{id, name, phone}] where somebody is woken; with --wait one such object a line.',
  ],
  options: {
    file: { type: 'string', multiple: true, value: 'PATH', help: 'a file to send along; may be given several times' },
    wait: { type: 'boolean', help: 'go on until it is delivered, or until interrupted' },
  },
  takes: [1, Number.POSITIVE_INFINITY],
  examples: [
    ["warren send bob 'Lunch?'", 'Sends one line.'],
    ['warren send bob --file holiday.jpg --file plan.pdf Look!', 'Sends two files, and what is said of them.'],
    ["warren send bob --wait 'Are you up?'", 'Ends once it was delivered, and says whether a phone is woken for it.'],
    ['git log -3 | warren send self -', 'Keeps what another program prints.'],
  ],
  async run(call) {
    const paths = [call.values['file'] ?? []].flat().map(String)
    const text = await readText(call)
    if (text.trim() === '' && paths.length === 0) throw new CommandError('USAGE', 'the message is empty')
    const { id, title, kind } = await findConversation(call.client, argument(call, 0))
    const path = `/conversations/${encodeURIComponent(id)}/messages`
    const files = await addFiles(call.client, id, paths, call.json)
    const attachments = files.length === 0 ? {} : { attachments: files.map((each) => each.id) }
    const body: NewMessage = { text, clientId: randomUUID(), ...attachments }
    const send = async (): Promise<Message> => {
      try {
        return await call.client.ask<Message>('POST', path, body)
      } catch (error) {
        throw error instanceof CommandError && error.code === 'TOO_LARGE' ? tooLong() : error
      }
    }
    const sent = files.map(({ id: file, name, type, size }) => ({ id: file, name, type, size }))
    const what = sent.length === 0 ? 'message' : sent.length === 1 ? 'file' : `${sent.length} files`
    const say = ({ message, waking }: Standing): void => {
      const { conversation, state } = message
      const more = { ...(sent.length === 0 ? {} : { attachments: sent }), ...(waking.length === 0 ? {} : { waking }) }
      if (call.json) return call.out.json({ id: message.id, conversation, state, ...more })
      const woken = waking.length === 0 || state === 'delivered' || state === 'read' ? '' : `, ${wakingText(waking)}`
      return call.out.line(`${state}: ${what} to ${safeLine(title)}${woken}`)
    }
    if (call.values['wait'] === true) {
      for await (const standing of followDelivery(call.client, kind, send)) say(standing)
      return undefined
    }
    const message = await send()
    return say({ message, waking: await readWaking(call.client, id) })
  },
}
