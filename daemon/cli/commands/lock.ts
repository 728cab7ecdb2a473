/** warren lock: closes the house; it opens again with the passphrase only. */

import type { Command } from '../command.ts'

export const command: Command = {
  name: 'lock',
  arguments: '',
  summary: 'forget all keys until warren unlock',
  description: [
    'Closes every link and every page, and forgets all keys. The daemon goes on running; it answers nothing until it is unlocked with the passphrase or the recovery key. Needs one of them to be set: warren key-slots passphrase.',
  ],
  takes: [0, 0],
  examples: [['warren lock', 'Locks now; pages show the lock screen.']],
  async run({ client, json, out }) {
    await client.ask('POST', '/lock', {})
    if (json) out.json({ locked: true })
    else out.line('locked')
  },
}
