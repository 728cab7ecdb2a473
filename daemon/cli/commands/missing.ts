/** warren missing: which devices hold what of a conversation. */

import type { Completeness } from '../../../protocol/http-groups.ts'
import type { Arriving, Conversation } from '../../../protocol/http-conversations.ts'
import { arrivingText } from '../arriving-text.ts'
import { argument, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { safeLine, timeText } from '../terminal.ts'
import { shortId } from '../who.ts'

const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`)

function deviceRow({ person, deviceId, linked, heardAt, lacking, ahead }: Completeness['devices'][number]): string[] {
  const holds =
    lacking > 0
      ? `holds ${entries(lacking)} that you lack`
      : ahead > 0
        ? `lacks ${entries(ahead)} of yours`
        : 'holds the same'
  return [
    safeLine(person.name) || shortId(person.id),
    shortId(deviceId),
    linked ? 'online' : 'offline',
    heardAt === 0 ? 'was never heard' : `${holds}, as of ${timeText(heardAt)}`,
  ]
}

function summary({ complete, upTo, devices, unreadable }: Completeness, arriving: Arriving | undefined): string[] {
  const known =
    devices.length === 0
      ? 'no other device is known to hold any of it'
      : !complete
        ? 'something is missing here'
        : `you have everything that any device is known to hold${upTo === 0 ? '' : `, up to ${timeText(upTo)}`}`
  const keys = unreadable === 1 ? ['1 message cannot be read yet'] : [`${unreadable} messages cannot be read yet`]
  const coming = arriving === undefined ? [] : [arrivingText(arriving)]
  return [known, ...coming, ...(unreadable === 0 ? [] : keys)]
}

export const command: Command = {
  name: 'missing',
  arguments: '<who>',
  summary: 'show which devices hold what of a conversation',
  description: [
    'Says whether everything of a conversation is here, as far as other devices told what they hold, and which device has what is missing.',
    '<who> is a petname, a name, the name of a group, or the beginning of an id. Prints {devices: [{deviceId, person, linked, heardAt, lacking, ahead}], complete, upTo, unreadable} with --json, and arriving: {left, percent} while a long history is on its way.',
  ],
  takes: [1, 1],
  examples: [["warren missing 'Book club'", 'Whose device has messages that are not here yet?']],
  async run(call) {
    const { client, json, out } = call
    const { id } = await findConversation(client, argument(call, 0))
    const path = `/conversations/${encodeURIComponent(id)}`
    const { arriving } = await client.ask<Conversation>('GET', path)
    const held = await client.ask<Completeness>('GET', `${path}/completeness`)
    if (json) return out.json(arriving === undefined ? held : { ...held, arriving })
    for (const line of summary(held, arriving)) out.line(line)
    return out.rows(held.devices.map(deviceRow))
  },
}
