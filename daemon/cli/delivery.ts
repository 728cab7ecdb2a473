/** What becomes of a message that was just sent: who is woken for it, and who has it. */

import type { Conversation, ConversationKind, Message, Waking } from '../../protocol/http-conversations.ts'
import type { ServerEvent } from '../../protocol/events.ts'
import type { Client } from './client.ts'
import { CommandError } from './command-error.ts'
import { followEvents } from './follow.ts'
import { safeLine } from './terminal.ts'

export interface Standing {
  readonly message: Message
  readonly waking: readonly Waking[]
}

const ticked = ['held', 'delivered', 'read'] as const
const states: readonly Message['state'][] = ['stored', ...ticked]

/** Notes to oneself are delivered nowhere but to one's other devices. */
const isDone = ({ state }: Message, kind: ConversationKind): boolean =>
  state !== 'stored' && (state !== 'held' || kind === 'self')

export async function readWaking(client: Client, conversation: string): Promise<readonly Waking[]> {
  const { waking } = await client.ask<Conversation>('GET', `/conversations/${encodeURIComponent(conversation)}`)
  return waking ?? []
}

/** In words: "waking Bob's phone". `woken`: at least one. */
export function wakingText(woken: readonly Waking[]): string {
  const what = woken.every(({ phone }) => phone) ? 'phone' : 'device'
  const [first] = woken
  if (first !== undefined && woken.length === 1)
    return `waking ${safeLine(first.name) || first.id.slice(0, 8)}'s ${what}`
  return `waking the ${what}s of ${woken.length} people`
}

/** Sends it once the daemon tells what follows, and ends when it is delivered. Throws NOT_FOUND if it is deleted here meanwhile. */
export async function* followDelivery(
  client: Client,
  kind: ConversationKind,
  send: () => Promise<Message>,
): AsyncGenerator<Standing> {
  let now: Standing | undefined
  for await (const event of followEvents(client)) {
    const before: Standing | undefined = now
    if (before !== undefined) now = afterEvent(before, event)
    else if (event.type === 'snapshot') {
      const message = await send()
      now = { message, waking: await readWaking(client, message.conversation) }
    }
    if (now === undefined || now === before) continue
    if (before === undefined || isOther(before, now)) yield now
    if (isDone(now.message, kind)) return
  }
}

function afterEvent(now: Standing, event: ServerEvent): Standing {
  const { id, conversation, feed, seq } = now.message
  if (event.type === 'conversation-gone' && event.conversation === conversation)
    throw new CommandError('NOT_FOUND', 'the conversation was deleted here')
  if (event.type === 'conversation' && event.conversation.id === conversation)
    return { ...now, waking: event.conversation.waking ?? [] }
  if (event.type === 'message' && event.message.id === id) return further(now, event.message.state)
  if (event.type === 'ticks' && event.conversation === conversation && event.feed === feed)
    return further(now, ticked.findLast((state) => event[state] >= seq) ?? 'stored')
  return now
}

/** What was said once stays so: words of devices come in any order. */
const further = (now: Standing, state: Message['state']): Standing =>
  states.indexOf(state) > states.indexOf(now.message.state) ? { ...now, message: { ...now.message, state } } : now

const isOther = (a: Standing, b: Standing): boolean =>
  a.message.state !== b.message.state || JSON.stringify(a.waking) !== JSON.stringify(b.waking)
