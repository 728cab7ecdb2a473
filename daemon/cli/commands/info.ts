/** warren info: who has one of the own messages. */

import type { Message, MessagePage, Receipt, ReceiptDevice, Receipts } from '../../../protocol/http-conversations.ts'
import type { Client } from '../client.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { safeLine, timeText } from '../terminal.ts'
import { shortId } from '../who.ts'

const pageItems = 200
/** Messages among which one is looked for. */
const mostLooked = 5000
/** Shorter beginnings of an id would match by accident. */
const leastPrefix = 4

/** The only one whose id begins so; the newest own one for `last`. Throws NOT_FOUND, AMBIGUOUS. */
async function findMessage(client: Client, conversation: string, which: string): Promise<Message> {
  const found: Message[] = []
  let before = ''
  for (let looked = 0; looked < mostLooked; looked += pageItems) {
    const query = new URLSearchParams({ limit: String(pageItems), ...(before === '' ? {} : { before }) })
    const path = `/conversations/${encodeURIComponent(conversation)}/messages?${query.toString()}`
    const { items, older } = await client.ask<MessagePage>('GET', path)
    const own = which === 'last' ? items.find(({ mine, notice }) => mine && notice === undefined) : undefined
    if (own !== undefined) return own
    const isMeant = ({ id, notice }: Message): boolean =>
      notice === undefined && which.length >= leastPrefix && id.startsWith(which)
    found.push(...items.filter((each) => isMeant(each)))
    before = items.at(-1)?.order ?? ''
    if (!older || before === '') break
  }
  const [only, another] = found
  if (only === undefined) throw new CommandError('NOT_FOUND', `no message "${which}" is among the newest of them`)
  if (another !== undefined) throw new CommandError('AMBIGUOUS', `several messages begin with "${which}"`)
  return only
}

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
    const { order } = await findMessage(client, id, argument(call, 1))
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
