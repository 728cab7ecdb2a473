/** The timelines of the conversations that were opened lately. */

import type { Change } from '../../protocol/events.ts'
import type { Message, MessageState } from '../../protocol/http.ts'
import { conversations, withEntry } from './state.ts'
import { Timeline } from './timeline.ts'

type Ticks = Extract<Change, { type: 'ticks' }>
const steps: readonly MessageState[] = ['stored', 'held', 'delivered', 'read']
const mostTimelines = 12

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
  return steps.indexOf(told) > steps.indexOf(message.state) ? { ...message, state: told } : message
}

const kept = new Map<string, Timeline>()

export const timelines = {
  of(conversation: string): Timeline {
    const timeline = kept.get(conversation) ?? new Timeline(conversation)
    kept.delete(conversation)
    kept.set(conversation, timeline)
    for (const id of [...kept.keys()].slice(0, -mostTimelines)) kept.delete(id)
    return timeline
  },

  receive(message: Message): boolean {
    return kept.get(message.conversation)?.receive(message) ?? true
  },

  tick(ticks: Ticks): void {
    kept.get(ticks.conversation)?.update((message) => withTicks(message, ticks))
    const conversation = conversations.value.get(ticks.conversation)
    if (conversation?.last === undefined) return
    const last = withTicks(conversation.last, ticks)
    if (last !== conversation.last) {
      conversations.value = withEntry(conversations.value, conversation.id, { ...conversation, last })
    }
  },

  /** Events may have been missed. */
  async refreshAll(): Promise<void> {
    await Promise.all([...kept.values()].map(async (timeline) => await timeline.refresh()))
  },
}
