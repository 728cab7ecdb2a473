/** The timelines of the conversations that were opened lately. */

import type { Change } from '../../protocol/events.ts'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
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

  /** A file of some of its messages is here, or more of it. */
  file(conversation: string, file: Attachment): void {
    kept.get(conversation)?.update((message) => {
      const { attachments } = message
      if (attachments?.some(({ id }) => id === file.id) !== true) return message
      return { ...message, attachments: attachments.map((each) => (each.id === file.id ? file : each)) }
    })
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

  apply(event: Extract<Change, { type: 'messages' | 'message-gone' | 'attachment' | 'ticks' }>): void {
    if (event.type === 'messages') kept.get(event.conversation)?.came(event.from, event.to)
    else if (event.type === 'message-gone') this.gone(event.conversation, event.order)
    else if (event.type === 'attachment') this.file(event.conversation, event.attachment)
    else this.tick(event)
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
