/** warren export: saves a conversation outside of Warren. */

import { basename, resolve } from 'node:path'
import type { ExportWish } from '../../../protocol/http-conversations.ts'
import type { Download } from '../client.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { saveFile } from '../save-file.ts'
import { safeLine } from '../terminal.ts'

const formats: readonly ExportWish['format'][] = ['html', 'json']
const languages: readonly ExportWish['language'][] = ['en', 'de']

function choice<T extends string>(call: Call, name: string, from: readonly T[]): T | undefined {
  const text = textValue(call.values, name)
  const found = from.find((each) => each === text)
  if (text !== undefined && found === undefined) throw new CommandError('USAGE', `--${name} is ${from.join(' or ')}`)
  return found
}

/** Without --format the name of the file says it. */
function readWish(call: Call): ExportWish {
  const output = textValue(call.values, 'output') ?? ''
  const named = formats.find((each) => output.toLowerCase().endsWith(`.${each}`))
  return {
    format: choice(call, 'format', formats) ?? named ?? 'html',
    language: choice(call, 'language', languages) ?? 'en',
  }
}

async function print(call: Call, { chunks }: Download): Promise<void> {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) await call.print(decoder.decode(chunk, { stream: true }))
}

async function save(call: Call, file: Download, output: string | undefined, { format }: ExportWish): Promise<void> {
  const path = resolve(output ?? (file.name === '' ? `warren.${format}` : file.name))
  const bytes = await saveFile(path, file.chunks, call.values['force'] === true)
  if (call.json) return call.out.json({ file: path, format, bytes })
  call.out.line(`saved: ${safeLine(output ?? basename(path))}`)
  return call.out.line('Nothing protects this file but its permissions: whoever reads it reads the conversation.')
}

export const command: Command = {
  name: 'export',
  arguments: '<who>',
  summary: 'save a conversation as a page, or as JSON that can be checked',
  description: [
    'Saves the conversation with a contact or of a group, or the notes to yourself with self or me, as it stands at this moment: as one HTML page to read and print, or as JSON, with which anybody can check who wrote what with warren check-export.',
    'What leaves Warren is no longer protected by its lock. The file is for nobody but you to read (mode 0600), and no file is overwritten without --force. JSON reveals more than the page: keys and logs of the devices of everyone in it, of a group who belonged to it and when, and the signatures, by which anybody can prove what was written. It holds no key that opens anything else.',
    'Deleted and missing messages are told of, not hidden. In a group, what somebody wrote after losing the right to stands apart and is marked so. The names are those that you see.',
    'With --json prints {file, format, bytes}.',
  ],
  options: {
    format: { type: 'string', value: 'FORMAT', help: 'html or json; else what the name of the file says, else html' },
    output: {
      type: 'string',
      value: 'FILE',
      help: 'where to; - is the standard output; else a name with the day, in this folder',
    },
    language: { type: 'string', value: 'LANGUAGE', help: "of the page's own words, en or de; en if not given" },
    force: { type: 'boolean', help: 'overwrite the file' },
  },
  takes: [1, 1],
  examples: [
    ['warren export bob', 'Saves a page to read, such as warren-bob-2026-11-20.html.'],
    ['warren export bob --output bob.json', 'Saves what warren check-export can check.'],
    ['warren export self --format json --output - | gpg -c > notes.gpg', 'Never lies on the disk unencrypted.'],
  ],
  async run(call) {
    const wish = readWish(call)
    const output = textValue(call.values, 'output')
    if (output === '') throw new CommandError('USAGE', '--output is empty')
    if (output === '-' && call.json) throw new CommandError('USAGE', '--json says where the file is: it needs one')
    const { id } = await findConversation(call.client, argument(call, 0))
    const query = new URLSearchParams({ format: wish.format, language: wish.language })
    const file = await call.client.download(`/conversations/${encodeURIComponent(id)}/export?${query.toString()}`)
    return output === '-' ? await print(call, file) : await save(call, file, output, wish)
  },
}
