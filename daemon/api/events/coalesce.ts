/** Several changes of one object within a tick become one. */

import type { BusEvent } from '../../bus.ts'

/** Two events with one key speak of the same object: only the later one matters. */
function keyOf(event: BusEvent): string {
  switch (event.type) {
    case 'me':
    case 'devices':
      return event.type
    case 'came':
      return `came ${event.conversations.map(({ conversation, count }) => `${conversation} ${count}`).join(' ')}`
    case 'peer':
    case 'peer-gone':
      return `peer ${event.device}`
    case 'contact':
    case 'contact-gone':
      return `contact ${event.person}`
    case 'conversation':
      return `conversation ${event.conversation}`
    case 'conversation-gone':
      return `gone ${event.conversation}`
    case 'message':
    case 'message-gone':
      return `message ${event.conversation} ${event.order}`
    case 'ticks':
      return `ticks ${event.conversation} ${event.feed}`
    case 'typing':
      return `typing ${event.conversation} ${event.person}`
    case 'blob':
      return `blob ${event.conversation} ${event.blob}`
    default:
      return event satisfies never
  }
}

/** Adds `event` behind all others, in place of an earlier one about the same object. */
export function coalesce(pending: Map<string, BusEvent>, event: BusEvent): void {
  const key = keyOf(event)
  const earlier = pending.get(key)
  pending.delete(key)
  const isTicks = event.type === 'ticks' && earlier?.type === 'ticks'
  pending.set(key, isTicks ? mostOf(earlier, event) : event)
}

type Ticks = Extract<BusEvent, { type: 'ticks' }>

/** Marks only grow, whatever the order of their events. */
const mostOf = (a: Ticks, b: Ticks): Ticks => ({
  ...b,
  held: Math.max(a.held, b.held),
  delivered: Math.max(a.delivered, b.delivered),
  read: Math.max(a.read, b.read),
})
