/** The timelines of the conversations that were opened lately. */

import type { Message } from '../../protocol/http-conversations.ts'
import { noteTicks, withTicks, type Ticks } from './message-state.ts'
import { lastTicks, recountLater } from './recount.ts'
import { conversations, withEntry } from './state.ts'
import { Timeline } from './timeline.ts'

const mostTimelines = 12

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

  /** A message stands elsewhere now. */
  gone(conversation: string, order: string): void {
    kept.get(conversation)?.remove(order)
  },

  /** The conversation was deleted. */
  forget(conversation: string): void {
    kept.get(conversation)?.clear()
  },

  tick(ticks: Ticks): void {
    noteTicks(ticks)
    lastTicks.value = ticks
    const timeline = kept.get(ticks.conversation)
    timeline?.update((message) => withTicks(message, ticks))
    const conversation = conversations.value.get(ticks.conversation)
    if (conversation?.kind === 'group' && timeline !== undefined)
      recountLater(ticks.conversation, async () => await timeline.recount())
    if (conversation?.last === undefined) return
    const last = withTicks(conversation.last, ticks)
    if (last !== conversation.last) {
      conversations.value = withEntry(conversations.value, conversation.id, { ...conversation, last })
    }
  },

  /** Pages of history leave the memory. */
  clear(): void {
    kept.clear()
  },

  /** Events may have been missed. */
  async refreshAll(): Promise<void> {
    await Promise.all([...kept.values()].map(async (timeline) => await timeline.refresh()))
  },
}
