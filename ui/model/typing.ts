/** Who is typing: shown until the moment the daemon named, and sent at most every three seconds. */

import { typing, withEntry } from './state.ts'

const timers = new Map<string, ReturnType<typeof setTimeout>>()
const sentAt = new Map<string, number>()
const sendEveryMs = 3000
/** The clock of the other device may be off; nobody types longer than this without saying so again. */
const longestMs = 8000

const keyOf = (conversation: string, person: string): string => `${conversation} ${person}`

function setTypists(conversation: string, persons: readonly string[]): void {
  typing.value = withEntry(typing.value, conversation, persons.length === 0 ? undefined : persons)
}

/** That person has stopped; everybody, unless one is named. */
export function stopTyping(conversation: string, person?: string): void {
  const all = typing.value.get(conversation) ?? []
  const stopped = person === undefined ? all : all.filter((each) => each === person)
  for (const each of stopped) {
    clearTimeout(timers.get(keyOf(conversation, each)))
    timers.delete(keyOf(conversation, each))
  }
  if (stopped.length > 0) {
    setTypists(
      conversation,
      all.filter((each) => !stopped.includes(each)),
    )
  }
}

export function startTyping(conversation: string, person: string, until: number): void {
  const leftMs = Math.min(until - Date.now(), longestMs)
  if (leftMs <= 0) return stopTyping(conversation, person)
  const all = typing.value.get(conversation) ?? []
  if (!all.includes(person)) setTypists(conversation, [...all, person])
  clearTimeout(timers.get(keyOf(conversation, person)))
  timers.set(
    keyOf(conversation, person),
    setTimeout(() => stopTyping(conversation, person), leftMs),
  )
}

/** The owner has sent what they typed: what they type next is news again. */
export function forgetTyping(conversation: string): void {
  sentAt.delete(conversation)
}

/** True if it is time to tell the others again that the owner is typing. */
export function shouldSendTyping(conversation: string, now: number = Date.now()): boolean {
  if (now - (sentAt.get(conversation) ?? 0) < sendEveryMs) return false
  sentAt.set(conversation, now)
  return true
}
