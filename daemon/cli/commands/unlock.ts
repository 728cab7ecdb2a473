/** warren unlock: opens the house with the passphrase or the recovery key. */

import type { Status } from '../../../protocol/http.ts'
import type { Command } from '../command.ts'
import { askerOf, askSecret, secretOptions } from '../secret.ts'

export const command: Command = {
  name: 'unlock',
  arguments: '',
  summary: 'open a locked daemon with the passphrase',
  description: [
    'Asks for the passphrase, or with --recovery-key for the recovery key, without showing what is typed. After five wrong ones each further one has to wait longer.',
    'The recovery key is taken in any case, with or without spaces and dashes.',
  ],
  options: secretOptions,
  takes: [0, 0],
  examples: [
    ['warren unlock', 'Asks for the passphrase.'],
    ['pass show warren | warren unlock --passphrase-stdin', 'Takes it from a password manager.'],
  ],
  async run(call) {
    const { client, json, out } = call
    const { locked } = await client.ask<Status>('GET', '/status')
    if (locked) await client.ask('POST', '/unlock', await askSecret(call, askerOf(call)))
    if (json) out.json({ locked: false })
    else out.line(locked ? 'unlocked' : 'it was not locked')
  },
}
