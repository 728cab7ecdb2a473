/** Files that were chosen for the next message of a conversation: they go to the daemon at once, and out with the message. */

import { signal } from '@preact/signals-core'
import { withEntry } from './state.ts'
import { cancelUpload, isStuck, startUploads, uploadsOf, type Upload } from './uploads.ts'

/** What one message can hold. */
export const mostFiles = 32

/** Keys of uploads, by conversation. */
const chosen = signal<ReadonlyMap<string, readonly string[]>>(new Map())
const none: readonly string[] = []

const keysFor = (conversation: string): readonly string[] => chosen.value.get(conversation) ?? none

export const chosenFor = (conversation: string): readonly Upload[] => uploadsOf(keysFor(conversation))

function set(conversation: string, keys: readonly string[]): void {
  chosen.value = withEntry(chosen.value, conversation, keys.length === 0 ? undefined : keys)
}

/** Answers how many were left out, since a message holds no more. */
export function attach(conversation: string, files: readonly File[]): number {
  const room = mostFiles - keysFor(conversation).length
  const taken = files.slice(0, Math.max(0, room))
  set(conversation, [...keysFor(conversation), ...startUploads(conversation, taken)])
  return files.length - taken.length
}

/** The owner does not want to send it after all. */
export function detach(conversation: string, key: string): void {
  cancelUpload(key)
  set(
    conversation,
    keysFor(conversation).filter((each) => each !== key),
  )
}

/** None has failed for good: the message can go, and its files follow. */
export const isReady = (conversation: string): boolean => !chosenFor(conversation).some(isStuck)

/** What goes out with the message; nothing is chosen afterwards. */
export function takeChosen(conversation: string): readonly string[] {
  const keys = keysFor(conversation)
  set(conversation, [])
  return keys
}

/** The conversation was deleted, or the page is locked. */
export function forgetChosen(conversation?: string): void {
  if (conversation === undefined) chosen.value = new Map()
  else set(conversation, [])
}
