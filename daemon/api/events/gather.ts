/** Of many messages that came at once a page need not be told one by one: it asks for those that it shows. */

import type { BusEvent } from '../../bus.ts'
import type { Change } from '../../../protocol/events.ts'
import type { ConversationId } from '../../../protocol/ids.ts'
import type { LoggedEvent } from './event-log.ts'

/** So many of a conversation are told one by one. */
const mostSingly = 16

type Came = Extract<BusEvent, { type: 'message' }>

/** That many came in a conversation. */
export interface Gathered {
  readonly id: number
  readonly event: Extract<Change, { type: 'messages' }>
}

interface Many {
  count: number
  from: string
  newest: Came
  /** The event with which all of them were told. */
  lastId: number
}

/** Undefined if there are few of each. The newest is told as well, behind the one that stands for all: it is news, whatever the others are. */
export function gather(logged: readonly LoggedEvent[]): (LoggedEvent | Gathered)[] | undefined {
  const many = new Map<ConversationId, Many>()
  for (const { id, event } of logged) if (event.type === 'message') note(many, id, event)
  for (const [conversation, { count }] of many) if (count <= mostSingly) many.delete(conversation)
  if (many.size === 0) return undefined
  return logged.flatMap((each): (LoggedEvent | Gathered)[] => {
    const { id, event } = each
    const found = event.type === 'message' ? many.get(event.conversation) : undefined
    if (found === undefined) return [each]
    if (id !== found.lastId) return []
    const { from, newest } = found
    const { conversation, order: to } = newest
    return [
      { id, event: { type: 'messages', conversation, from, to } },
      { id, event: newest },
    ]
  })
}

function note(many: Map<ConversationId, Many>, id: number, event: Came): void {
  const { conversation, order } = event
  const found = many.get(conversation)
  if (found === undefined) {
    many.set(conversation, { count: 1, from: order, newest: event, lastId: id })
    return
  }
  found.count += 1
  found.lastId = id
  if (order < found.from) found.from = order
  if (order > found.newest.order) found.newest = event
}
