/** warren id: who this is and how others reach it. */

import type { Me } from '../../../protocol/http-people.ts'
import type { Command } from '../command.ts'
import { safeLine } from '../terminal.ts'

export const command: Command = {
  name: 'id',
  arguments: '',
  summary: 'show own name, ids, addresses and contact link',
  description: ['Prints {personId, deviceId, name, fingerprint, addresses, link} with --json.'],
  takes: [0, 0],
  examples: [['warren id --json', 'Prints one JSON document.']],
  async run({ client, json, out }) {
    const { personId, deviceId, name, fingerprint, addresses, link } = await client.ask<Me>('GET', '/me')
    if (json) return out.json({ personId, deviceId, name, fingerprint, addresses, link })
    return out.rows([
      ['name', safeLine(name)],
      ['fingerprint', fingerprint],
      ['person', personId],
      ['device', deviceId],
      ['link', link],
      ...addresses.map((address) => ['address', address]),
    ])
  },
}
