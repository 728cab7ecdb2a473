/** Tells the daemon how far the owner has read: only what was on screen while they were looking. */

import { api } from '../client/api.ts'
import { conversationOf, conversations, withEntry } from './state.ts'

const wanted = new Map<string, string>()
const busy = new Set<string>()

export const isLooking = (): boolean => document.visibilityState === 'visible' && document.hasFocus()

async function post(conversation: string): Promise<void> {
  if (busy.has(conversation)) return
  busy.add(conversation)
  for (;;) {
    const upTo = wanted.get(conversation)
    if (upTo === undefined || upTo <= (conversationOf(conversation)?.readUpTo ?? '')) break
    const failed = await api.markRead(conversation, upTo).then(
      () => false,
      () => true,
    )
    if (failed) break // the next look at the list asks again
    const now = conversationOf(conversation)
    if (now === undefined || now.readUpTo >= upTo) continue
    const unread = now.last === undefined || upTo >= now.last.order ? 0 : now.unread
    conversations.value = withEntry(conversations.value, conversation, { ...now, readUpTo: upTo, unread })
  }
  busy.delete(conversation)
}

/** `order`: the order key of the newest message on screen. */
export function markSeen(conversation: string, order: string): void {
  if (!isLooking()) return
  if (order <= (conversationOf(conversation)?.readUpTo ?? '')) return
  if (order <= (wanted.get(conversation) ?? '') && busy.has(conversation)) return
  wanted.set(conversation, order)
  void post(conversation)
}
