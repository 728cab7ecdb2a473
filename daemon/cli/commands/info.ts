/** warren info: who has one of the own messages. */

import type { Message, Receipt, ReceiptDevice, Receipts } from '../../../protocol/http-conversations.ts'
import { argument, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { findMessage } from '../find-message.ts'
import { safeLine, timeText } from '../terminal.ts'
import { shortId } from '../who.ts'

const isOwn = ({ mine, notice }: Message): boolean => mine && notice === undefined

const heldText = ({ deviceId, held, linked }: ReceiptDevice): string =>
  `${shortId(deviceId)} ${held ? 'holds it' : linked ? 'does not hold it yet' : 'is offline'}`

const standings = { waiting: 'not yet', delivered: 'delivered', read: 'read' } as const

const row = ({ id, name, state, readBy, devices }: Receipt): string[] => [
  safeLine(name) || shortId(id),
  readBy === undefined ? standings[state] : `read by ${timeText(readBy)}`,
  devices.map((device) => heldText(device)).join(', '),
]

export const command: Command = {
  name: 'info',
  arguments: '<who> <message>',
  summary: 'show who has one of your messages',
  description: [
    'Tells of a message that you wrote which devices say that they hold it, whom it was delivered to, and who has read it. In a group it tells so of every member.',
    '<message> is its id, as warren log --json prints it, or the beginning of that; or last, for the newest that you wrote.',
    'What is told is what other devices said. Times are those of their clocks, and a person may have read the message earlier than they said so.',
    'Prints {id, order, state, held, devices, delivered, read, persons, people: [{id, name, state, readBy, online, devices: [{deviceId, fingerprint, held, linked}]}], own} with --json; own are your other devices.',
  ],
  takes: [2, 2],
  examples: [["warren info 'Book club' last", 'Who has read what you wrote last?']],
  async run(call) {
    const { client, json, out } = call
    const { id } = await findConversation(client, argument(call, 0))
    const { order } = await findMessage(client, id, { which: argument(call, 1), isOf: isOwn })
    const path = `/conversations/${encodeURIComponent(id)}/messages/${encodeURIComponent(order)}/receipts`
    const receipts = await client.ask<Receipts>('GET', path)
    if (json) return out.json(receipts)
    const { held, devices, delivered, read, persons, people, own } = receipts
    out.line(`held by ${held} of ${devices} devices, delivered to ${delivered} of ${persons}, read by ${read}`)
    out.rows(people.map((each) => row(each)))
    if (own.length > 0) out.line(`your other devices: ${own.map((each) => heldText(each)).join(', ')}`)
    return undefined
  },
}
