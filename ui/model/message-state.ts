/**
 * How far own messages have come. Answers and events overtake each other on their way to the page: an older word never
 * takes back what a newer one said.
 */

import type { Change } from '../../protocol/events.ts'
import type { Message, MessageState } from '../../protocol/http-conversations.ts'

export type Ticks = Extract<Change, { type: 'ticks' }>

const steps: readonly MessageState[] = ['stored', 'held', 'delivered', 'read']
const isFurther = (a: MessageState, b: MessageState): boolean => steps.indexOf(a) > steps.indexOf(b)

/** The message with the state that the ticks give it; the same object if nothing changes. States never go back. */
export function withTicks(message: Message, ticks: Ticks): Message {
  if (!message.mine || message.feed !== ticks.feed) return message
  const told: MessageState =
    message.seq <= ticks.read
      ? 'read'
      : message.seq <= ticks.delivered
        ? 'delivered'
        : message.seq <= ticks.held
          ? 'held'
          : 'stored'
  return isFurther(told, message.state) ? { ...message, state: told } : message
}

const newest = new Map<string, Ticks>()
const feedOf = ({ conversation, feed }: { conversation: string; feed: string }): string => `${conversation} ${feed}`

export function noteTicks(ticks: Ticks): void {
  newest.set(feedOf(ticks), ticks)
}

export const forgetTicks = (): void => newest.clear()

/** The message as it was told just now, and no less far than it was already known to be. */
export function furthest(told: Message, known?: Message): Message {
  const ticks = newest.get(feedOf(told))
  const ticked = ticks === undefined ? told : withTicks(told, ticks)
  return known !== undefined && isFurther(known.state, ticked.state) ? { ...ticked, state: known.state } : ticked
}
