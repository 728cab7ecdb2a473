/** Who is typing: shown until the moment the daemon named, and sent at most every three seconds. */

import { typing, withEntry } from './state.ts'

const timers = new Map<string, ReturnType<typeof setTimeout>>()
const sentAt = new Map<string, number>()
const sendEveryMs = 3000
/** The clock of the other device may be off; nobody types longer than this without saying so again. */
const longestMs = 8000

export function stopTyping(conversation: string): void {
  clearTimeout(timers.get(conversation))
  timers.delete(conversation)
  if (typing.value.has(conversation)) typing.value = withEntry(typing.value, conversation, undefined)
}

export function startTyping(conversation: string, until: number): void {
  const leftMs = Math.min(until - Date.now(), longestMs)
  stopTyping(conversation)
  if (leftMs <= 0) return
  typing.value = withEntry(typing.value, conversation, until)
  timers.set(
    conversation,
    setTimeout(() => stopTyping(conversation), leftMs),
  )
}

/** The owner has sent what they typed: what they type next is news again. */
export function forgetTyping(conversation: string): void {
  sentAt.delete(conversation)
}

/** True if it is time to tell the other side again that the owner is typing. */
export function shouldSendTyping(conversation: string, now: number = Date.now()): boolean {
  if (now - (sentAt.get(conversation) ?? 0) < sendEveryMs) return false
  sentAt.set(conversation, now)
  return true
}
