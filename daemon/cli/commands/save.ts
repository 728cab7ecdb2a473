/** warren save: saves files that came with messages. */

import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Message } from '../../../protocol/http-conversations.ts'
import type { Attachment } from '../../../protocol/http-files.ts'
import type { Client } from '../client.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { findMessage } from '../find-message.ts'
import { followEvents } from '../follow.ts'
import { saveFile } from '../save-file.ts'
import { sizeText } from '../size-text.ts'
import { safeLine } from '../terminal.ts'

const filesOf = ({ attachments }: Message): Attachment[] => attachments ?? []
const mostName = 120

/** What of a name of somebody else's may name a file here, on every system; never hidden, and never a path. */
function safeName({ name, id }: Attachment): string {
  const plain = name
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"/\\|?*]/gu, '_')
    .replace(/^[.\s-]+/, '')
    .replace(/[.\s]+$/, '')
  const ending = /\.\w{1,10}$/.exec(plain)?.[0] ?? ''
  const stem = Array.from(plain.slice(0, plain.length - ending.length))
    .slice(0, mostName)
    .join('')
  const isDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(stem)
  return stem === '' || isDevice ? `file-${id.slice(0, 8)}${ending}` : stem + ending
}

/** The files that are meant: those of a message, or the one whose id begins so. */
async function filesMeant(call: Call, conversation: string): Promise<Attachment[]> {
  const which = argument(call, 1)
  const isFile = ({ id }: Attachment): boolean => id.startsWith(which)
  const message = await findMessage(call.client, conversation, {
    which,
    isOf: (each) => filesOf(each).length > 0,
    isNamed: (each) => each.id.startsWith(which) || filesOf(each).some(isFile),
  })
  const files = filesOf(message)
  if (files.length === 0) throw new CommandError('NOT_FOUND', 'that message has no files')
  return which === 'last' || message.id.startsWith(which) ? files : files.filter(isFile)
}

const pathFor = (conversation: string, { id }: Attachment): string =>
  `/conversations/${encodeURIComponent(conversation)}/attachments/${encodeURIComponent(id)}`

/** Resolves once all of it is here. Throws CONFLICT unless it may be waited for. */
async function fetched(client: Client, conversation: string, file: Attachment, mayWait: boolean): Promise<Attachment> {
  const path = pathFor(conversation, file)
  // Where everything is only read, nothing can be asked for, and what is here can be saved.
  const known = await client.ask<Attachment>('GET', path)
  if (known.state === 'whole') return known
  const asked = await client.ask<Attachment>('POST', `${path}/fetch`, {})
  if (asked.state === 'whole') return asked
  if (!mayWait) {
    const name = safeLine(file.name) || file.id.slice(0, 8)
    throw new CommandError('CONFLICT', `${name} is not here yet; it was asked for: try again later, or add --wait`)
  }
  for await (const event of followEvents(client)) {
    // It may have come before the events did.
    const now = event.type === 'snapshot' ? await client.ask<Attachment>('GET', path) : undefined
    const told = event.type === 'attachment' && event.attachment.id === file.id ? event.attachment : now
    if (told?.state === 'whole') return told
  }
  throw new CommandError('NOT_RUNNING', 'the daemon stopped')
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true

/** Where each file goes. Throws USAGE, CONFLICT. */
async function placesFor(files: readonly Attachment[], to: string | undefined): Promise<string[]> {
  if (to === undefined || (await isFolder(to))) {
    const names = files.map((file) => safeName(file))
    // Two of one name beside each other: each keeps its own.
    const own = names.map((name, at) => (names.indexOf(name) === at ? name : `${at + 1}-${name}`))
    return own.map((name) => resolve(join(to ?? '.', name)))
  }
  if (files.length > 1) throw new CommandError('USAGE', `${files.length} files go into a folder, and ${to} is none`)
  return [resolve(to)]
}

export const command: Command = {
  name: 'save',
  arguments: '<who> <message|file>',
  summary: 'save files that came with a message',
  description: [
    'Saves the files of a message with a contact or of a group, or in the notes to yourself with self or me: in this folder, under the names that they were sent with, or where --to says. No file is overwritten without --force, and no name of others is ever taken for a path.',
    '<message|file> is the id of a message or of a file, as warren log --json prints them, or the beginning of one; or last, for the newest message that has files.',
    'What is not here yet is asked for, and comes as soon as somebody who has it is online; with --wait the command waits for that.',
    'What is saved is no longer protected by Warren. With --json prints [{file, id, bytes}].',
  ],
  options: {
    to: { type: 'string', value: 'PATH', help: 'a file to write, or a folder to write into' },
    force: { type: 'boolean', help: 'overwrite files' },
    wait: { type: 'boolean', help: 'wait until it is here' },
  },
  takes: [2, 2],
  examples: [
    ['warren save bob last', 'Saves what Bob sent last, in this folder.'],
    ["warren save 'Book club' last --to ~/Pictures", 'Saves into a folder.'],
  ],
  async run(call) {
    const { client, json, out, values } = call
    const to = textValue(values, 'to')
    if (to === '') throw new CommandError('USAGE', '--to is empty')
    const { id } = await findConversation(client, argument(call, 0))
    const files = await filesMeant(call, id)
    const places = await placesFor(files, to)
    const saved: { file: string; id: string; bytes: number }[] = []
    for (const [at, file] of files.entries()) {
      await fetched(client, id, file, values['wait'] === true)
      const query = new URLSearchParams({ conversation: id, download: '1' })
      const { chunks } = await client.download(`/blobs/${encodeURIComponent(file.id)}?${query.toString()}`)
      const path = places[at] ?? ''
      const bytes = await saveFile(path, chunks, values['force'] === true)
      saved.push({ file: path, id: file.id, bytes })
      if (!json) out.line(`saved: ${safeLine(basename(path))}, ${sizeText(bytes)}`)
    }
    if (json) out.json(saved)
  },
}
