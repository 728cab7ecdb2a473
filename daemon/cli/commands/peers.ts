/** warren peers: devices that were seen. */

import type { Peer } from '../../../protocol/http-people.ts'
import type { Command } from '../command.ts'
import { safeLine } from '../terminal.ts'

export const command: Command = {
  name: 'peers',
  arguments: '',
  summary: 'list devices that were seen nearby or by address',
  description: ['Prints [{deviceId, name, source, addresses, linked}] with --json.'],
  takes: [0, 0],
  examples: [['warren peers', 'Shows who is near.']],
  async run({ client, json, out }) {
    const peers = await client.list<Peer>('/peers')
    if (json) return out.json(peers)
    if (peers.length === 0) return out.line('nobody was seen yet')
    return out.rows(
      peers.map((peer) => [
        safeLine(peer.name) || '(no name)',
        peer.fingerprint,
        peer.linked ? 'linked' : peer.source,
        peer.addresses[0] ?? '',
      ]),
    )
  },
}
