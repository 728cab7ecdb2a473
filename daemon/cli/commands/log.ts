/** warren log: reads a conversation. */

import type { Conversation, Fork, Message, MessagePage } from '../../../protocol/http-conversations.ts'
import type { Client } from '../client.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { findConversation } from '../conversation.ts'
import { followEvents } from '../follow.ts'
import { fileText } from '../file-text.ts'
import { noticeText } from '../groups/notice-text.ts'
import { safeLine, safeText, timeText } from '../terminal.ts'

const pageItems = 200
const usualLimit = 50
/** Ids of printed messages that are remembered while following. */
const mostSeen = 10_000

function readLimit(call: Call): number {
  const text = textValue(call.values, 'limit') ?? String(usualLimit)
  if (!/^\d{1,7}$/.test(text)) throw new CommandError('USAGE', '--limit is a number')
  return Number(text)
}

/** The newest `limit` messages, oldest first. */
async function readNewest(client: Client, conversation: string, limit: number): Promise<Message[]> {
  const found: Message[] = []
  while (found.length < limit) {
    const query = new URLSearchParams({ limit: String(Math.min(pageItems, limit - found.length)) })
    const oldest = found.at(-1)
    if (oldest !== undefined) query.set('before', oldest.order)
    const path = `/conversations/${encodeURIComponent(conversation)}/messages?${query.toString()}`
    const page = await client.ask<MessagePage>('GET', path)
    found.push(...page.items)
    if (!page.older || page.items.length === 0) break
  }
  return found.toReversed()
}

function hintOf({ fromBlocked, unreadable, newer }: Message): string {
  if (fromBlocked === true) return '(hidden: you blocked them)'
  if (unreadable === true) return '(cannot be read yet)'
  return newer === true ? '(from a newer Warren) ' : ''
}

/** In a group not everybody has it, or has read it, at once. */
function stateText({ state, reached }: Message): string {
  if (reached === undefined || reached.persons < 2 || state === 'stored' || state === 'read') return state
  const { delivered, read, persons } = reached
  if (read > 0) return `read by ${read} of ${persons}`
  return state === 'held' && delivered > 0 ? `delivered to ${delivered} of ${persons}` : state
}

function print({ out, json }: Call, message: Message): void {
  if (json) return out.json(message)
  if (message.notice !== undefined) return out.line(`${timeText(message.at)}  * ${noticeText(message.notice)}`)
  const name = message.mine ? 'you' : safeLine(message.from.name) || message.from.id.slice(0, 8)
  const [first = '', ...rest] = message.fromBlocked === true ? [] : safeText(message.text).split('\n')
  const hint = hintOf(message)
  const outside = message.outside === true ? '(outside the group: written after losing the right to) ' : ''
  const state = message.mine ? ` (${stateText(message)})` : ''
  out.line(`${timeText(message.at)}  ${name}${state}: ${outside}${hint}${first}`)
  for (const line of rest) out.line(`${' '.repeat(18)}${line}`) // no message can fake the beginning of another
  if (message.fromBlocked !== true)
    for (const file of message.attachments ?? []) out.line(`${' '.repeat(18)}${fileText(file)}`)
  return undefined
}

/** What the log tells of a fork, at the place where it happened. */
function forkText({ from, mine, closed }: Fork): string {
  const name = safeLine(from.name) || from.id.slice(0, 8)
  if (mine) return 'this device was put back to an older state; what it had said since was put in place again'
  if (closed) return `a device of ${name} was put back to an older state, and has put its messages in place again`
  return `a device of ${name} has written two different histories; what it wrote after this is not shown: ask ${name} to stop and start Warren on it`
}

function printFork({ out, json }: Call, conversation: string, fork: Fork): void {
  if (json) out.json({ system: 'fork', conversation, ...fork })
  else out.line(`                  * ${forkText(fork)}`)
}

async function readForks(client: Client, conversation: string): Promise<Fork[]> {
  const all = await client.list<Conversation>('/conversations')
  return all.find(({ id }) => id === conversation)?.forks ?? []
}

type Line = { readonly order: string } & ({ readonly message: Message } | { readonly fork: Fork })

/** Messages, and between them what is told of forks since the first of them. */
function linesOf(messages: readonly Message[], forks: readonly Fork[]): Line[] {
  const first = messages[0]?.order ?? ''
  return [
    ...messages.map((message): Line => ({ order: message.order, message })),
    ...forks.filter(({ after }) => after >= first).map((fork): Line => ({ order: fork.after, fork })),
  ].toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 'fork' in a ? 1 : -1))
}

/** Subscribes first and reads then, so that nothing falls in between. */
async function follow(call: Call, conversation: string, limit: number): Promise<never> {
  const seen = new Set<string>()
  const told = new Set<string>()
  const printNew = (message: Message): void => {
    if (seen.has(message.id)) return
    seen.add(message.id)
    for (const id of seen) {
      if (seen.size <= mostSeen) break
      seen.delete(id)
    }
    print(call, message)
  }
  for await (const event of followEvents(call.client)) {
    if (event.type === 'snapshot')
      for (const message of await readNewest(call.client, conversation, limit)) printNew(message)
    if (event.type === 'message' && event.message.conversation === conversation) printNew(event.message)
    const forks =
      event.type === 'conversation' && event.conversation.id === conversation ? event.conversation.forks : []
    for (const fork of forks ?? []) {
      const key = `${fork.after} ${fork.closed}`
      if (!told.has(key)) printFork(call, conversation, fork)
      told.add(key)
    }
  }
  throw new CommandError('NOT_RUNNING', 'the daemon stopped')
}

export const command: Command = {
  name: 'log',
  arguments: '<who>',
  summary: 'read a conversation',
  description: [
    'Prints the newest messages with a contact or of a group, or the notes to yourself with self or me, oldest first.',
    'With --json it prints [{id, conversation, from: {id, name}, text, at, state}]; with --follow one such object a line. What you wrote has reached: {held, devices, delivered, read, persons}, how many have it and have read it; warren info tells who.',
    'Files stand below the message that they came with: warren save saves them. With --json such an object has attachments: [{id, name, type, size, state, held}].',
    'What happened to a group is told between its messages; with --json such an object has a notice, and no text.',
    'Where a device was found to have written two different histories, a line says so; with --json it is {system: "fork", conversation, from, mine, after, closed}.',
    'Control and bidi characters in what others wrote are shown as \\u{...}, unless --json is given.',
  ],
  options: {
    limit: { type: 'string', value: 'N', help: `how many messages, ${usualLimit} if not given` },
    follow: { type: 'boolean', help: 'go on with messages as they come, until interrupted' },
  },
  takes: [1, 1],
  examples: [
    ['warren log bob --limit 10', 'The last ten messages with Bob.'],
    ['warren log self --follow --json', 'Notes as JSON lines, as they come.'],
  ],
  async run(call) {
    const limit = readLimit(call)
    const { id } = await findConversation(call.client, argument(call, 0))
    if (call.values['follow'] === true) return await follow(call, id, limit)
    const lines = linesOf(await readNewest(call.client, id, limit), await readForks(call.client, id))
    if (call.json)
      return call.out.json(
        lines.map((line) => ('message' in line ? line.message : { system: 'fork', conversation: id, ...line.fork })),
      )
    for (const line of lines) {
      if ('message' in line) print(call, line.message)
      else printFork(call, id, line.fork)
    }
    return undefined
  },
}
