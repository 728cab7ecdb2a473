/** warren backup: saves everything in one sealed file. */

import { basename, resolve } from 'node:path'
import type { PassphraseStrength } from '../../../protocol/http-access.ts'
import type { BackupLink, BackupSize, NewBackup } from '../../../protocol/http-backup.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Call, type Command } from '../command.ts'
import { saveFile } from '../save-file.ts'
import { askerOf, secretOptions, type Ask } from '../secret.ts'
import { filesText, sizeText } from '../size-text.ts'
import { safeLine } from '../terminal.ts'
import { currentOf } from './key-slots.ts'

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)
const tellEveryMs = 2000

async function newPassphrase(call: Call, ask: Ask): Promise<string> {
  const passphrase = await ask('Passphrase of this backup: ')
  if (call.values['passphrase-stdin'] === true) return passphrase
  const strength = await call.client.ask<PassphraseStrength>('POST', '/key-slots/strength', { passphrase })
  process.stderr.write(`${strength.verdict}: about 2^${strength.bits} guesses\n`)
  if (strength.enough && (await ask('Once more: ')) !== passphrase)
    throw new CommandError('BAD_SHAPE', 'the two are not the same: nothing was saved')
  return passphrase
}

/** One asker: what comes on stdin is read line by line. */
async function wishOf(call: Call): Promise<NewBackup> {
  let asker: Ask | undefined
  const ask = (): Ask => (asker ??= askerOf(call))
  const current = await currentOf({ ...call, values: { ...call.values, 'recovery-key': false } }, ask)
  const files = call.values['files'] === true ? { files: true } : {}
  if (call.values['recovery-key'] === true) return { ...current, ...files }
  return { ...current, ...files, passphrase: await newPassphrase(call, ask()) }
}

/** Said before anything is asked: what it will have, and what is left out. */
async function tellSize({ client, values }: Call): Promise<void> {
  const { about, files } = await client.ask<BackupSize>('GET', '/backups')
  const all = `${filesText(files.count)} of about ${sizeText(files.about)}`
  const size = `about ${sizeText(about + (values['files'] === true ? files.about : 0))}`
  if (files.count === 0) process.stderr.write(`${size}\n`)
  else if (values['files'] === true) process.stderr.write(`${size}, with ${all}\n`)
  else process.stderr.write(`${size}; ${all} left out, which --files saves too\n`)
}

/** Says how far it is, every now and then. */
async function* told({ json }: Call, chunks: AsyncGenerator<Uint8Array>, about: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let at = Date.now()
  for await (const chunk of chunks) {
    bytes += chunk.length
    yield chunk
    if (json || Date.now() - at < tellEveryMs) continue
    at = Date.now()
    process.stderr.write(`${megabytes(bytes)} MB of about ${megabytes(Math.max(bytes, about))} MB\n`)
  }
}

export const command: Command = {
  name: 'backup',
  arguments: '<file>',
  summary: 'save everything in one sealed file',
  description: [
    'Saves messages, contacts, conversations and settings as they stand at this moment, sealed with a passphrase of its own or, with --recovery-key, with a key that is made for it and shown once. The daemon goes on meanwhile. The file is for nobody but you to read (mode 0600), is whole or not there, and no file is overwritten without --force.',
    'Files of conversations are left out unless --files is there: then all that are whole on this device go along.',
    'What is not in it is the key of this device: a restored backup can be read and exported, and cannot go on as this device. See warren restore.',
    'Where the home has a passphrase and no key file, that is asked for first. With --passphrase-stdin the lines are: that one, if it is asked for, then the passphrase of the backup.',
    'With --json prints {file, bytes, recoveryKey?}.',
  ],
  options: {
    'passphrase-stdin': secretOptions['passphrase-stdin'],
    files: { type: 'boolean', help: 'save the files of conversations, too' },
    'recovery-key': { type: 'boolean', help: 'make a recovery key for this backup in place of a passphrase' },
    force: { type: 'boolean', help: 'overwrite the file' },
  },
  takes: [1, 1],
  examples: [
    ['warren backup warren.backup', 'Asks for a passphrase, and saves everything.'],
    ['warren backup warren.backup --files', 'Saves pictures and other files, too.'],
    [
      'warren backup warren.backup --recovery-key',
      'Makes a key for it in place of a passphrase, and shows it this once.',
    ],
  ],
  async run(call) {
    const path = resolve(argument(call, 0))
    if (!call.json) await tellSize(call)
    const { link, about, recoveryKey } = await call.client.ask<BackupLink>('POST', '/backups', await wishOf(call))
    const { chunks } = await call.client.download(link.replace('/api/v1', ''))
    const bytes = await saveFile(path, told(call, chunks, about), call.values['force'] === true)
    if (call.json) return call.out.json({ file: path, bytes, ...(recoveryKey === undefined ? {} : { recoveryKey }) })
    call.out.line(`saved: ${safeLine(basename(path))}, ${megabytes(bytes)} MB`)
    if (recoveryKey === undefined) return call.out.line('Without its passphrase nobody can open it, you neither.')
    call.out.line('Write this down, or print it. It is shown this once, and without it nobody can open the backup:')
    return call.out.line(recoveryKey)
  },
}
