/** warren status: whether the daemon runs, and who is linked. */

import type { Me } from '../../../protocol/http-people.ts'
import type { Status } from '../../../protocol/http.ts'
import type { Arriving, Conversation } from '../../../protocol/http-conversations.ts'
import { arrivingText } from '../arriving-text.ts'
import type { Client } from '../client.ts'
import { CommandError } from '../command-error.ts'
import type { Command } from '../command.ts'
import { safeLine } from '../terminal.ts'

interface Coming extends Arriving {
  readonly conversation: string
  readonly title: string
}

const arrivingOf = async (client: Client): Promise<Coming[]> =>
  (await client.list<Conversation>('/conversations')).flatMap(({ id, title, arriving }) =>
    arriving === undefined ? [] : [{ conversation: id, title, ...arriving }],
  )

export const command: Command = {
  name: 'status',
  arguments: '',
  summary: 'show whether the daemon runs and who is linked',
  description: [
    'Prints {running, locked, pid, version, api, links} with --json, and duplicate: true while another copy of this device runs elsewhere, when nothing can be sent; and arriving: [{conversation, title, left, percent}] while long histories are on their way. Exits 1 if no daemon runs on this home; with --json it then prints {"running":false}.',
  ],
  takes: [0, 0],
  examples: [['warren status --json', 'Prints one JSON document.']],
  async run({ client, json, out }) {
    try {
      const status = await client.ask<Status>('GET', '/status')
      const isDuplicate = !status.locked && (await client.ask<Me>('GET', '/me')).duplicate === true
      const arriving = status.locked ? [] : await arrivingOf(client)
      const more = { ...(isDuplicate ? { duplicate: true } : {}), ...(arriving.length === 0 ? {} : { arriving }) }
      if (json) return out.json({ ...status, ...more })
      out.line(
        `${status.locked ? 'locked' : 'running'}, process ${status.pid}, version ${status.version}, ${status.api}`,
      )
      if (status.locked) return out.line('warren unlock opens it')
      if (isDuplicate)
        out.line('another copy of this device runs elsewhere: stop one of the two, then stop and start the other')
      for (const each of arriving) out.line(`${safeLine(each.title)}: ${arrivingText(each)}`)
      out.line(`${status.links.length} linked`)
      return out.rows(status.links.map((link) => [`  ${safeLine(link.name)}`, link.deviceId, link.address]))
    } catch (error) {
      if (json && error instanceof CommandError && error.code === 'NOT_RUNNING') out.json({ running: false })
      throw error
    }
  },
}
