/** Files that were chosen for the next message of a conversation: they go to the daemon at once, and out with the message. */

import { signal } from '@preact/signals-core'
import type { Attachment } from '../../protocol/http-files.ts'
import { apiErrorCode, type ApiErrorCode } from '../client/api-error.ts'
import { addFile, filesApi } from '../client/files-api.ts'

export interface Chosen {
  readonly key: string
  readonly name: string
  readonly size: number
  /** Bytes that have gone to the daemon. */
  readonly sent: number
  /** Once the daemon has it. */
  readonly file?: Attachment
  readonly code?: ApiErrorCode
}

/** What one message can hold. */
export const mostFiles = 32

/** By conversation. */
const chosen = signal<ReadonlyMap<string, readonly Chosen[]>>(new Map())
const ending = new Map<string, AbortController>()
const none: readonly Chosen[] = []

export const chosenFor = (conversation: string): readonly Chosen[] => chosen.value.get(conversation) ?? none

function set(conversation: string, change: (all: readonly Chosen[]) => readonly Chosen[]): void {
  const after = new Map(chosen.value)
  const all = change(chosenFor(conversation))
  if (all.length === 0) after.delete(conversation)
  else after.set(conversation, all)
  chosen.value = after
}

const update = (conversation: string, key: string, change: Partial<Chosen>): void =>
  set(conversation, (all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)))

async function add(conversation: string, key: string, file: File): Promise<void> {
  const end = new AbortController()
  ending.set(key, end)
  try {
    const onProgress = (sent: number): void => update(conversation, key, { sent })
    const added = await addFile(conversation, file, { onProgress, signal: end.signal })
    // Taken back meanwhile.
    if (end.signal.aborted) await filesApi.cancel(conversation, added.id).catch(() => undefined)
    else update(conversation, key, { file: added, sent: file.size })
  } catch (error) {
    if (!end.signal.aborted) update(conversation, key, { code: apiErrorCode(error) })
  } finally {
    ending.delete(key)
  }
}

/** Two at a time: a phone's way to the daemon is narrow, and what was chosen first should be there first. */
async function addAll(conversation: string, files: readonly { key: string; file: File }[]): Promise<void> {
  const left = files[Symbol.iterator]()
  const some = async (): Promise<void> => {
    for (const { key, file } of left)
      if (chosenFor(conversation).some((each) => each.key === key)) await add(conversation, key, file)
  }
  await Promise.all([some(), some()])
}

/** Answers how many were left out, since a message holds no more. */
export function attach(conversation: string, files: readonly File[]): number {
  const room = mostFiles - chosenFor(conversation).length
  const taken = files.slice(0, Math.max(0, room)).map((file) => ({ key: crypto.randomUUID(), file }))
  const fresh = taken.map(({ key, file }): Chosen => ({ key, name: file.name, size: file.size, sent: 0 }))
  set(conversation, (all) => [...all, ...fresh])
  void addAll(conversation, taken)
  return files.length - taken.length
}

/** The owner does not want to send it after all. */
export function detach(conversation: string, key: string): void {
  const { file } = chosenFor(conversation).find((each) => each.key === key) ?? {}
  ending.get(key)?.abort()
  if (file !== undefined) void filesApi.cancel(conversation, file.id).catch(() => undefined)
  set(conversation, (all) => all.filter((each) => each.key !== key))
}

/** All have arrived at the daemon, and none has failed: the message can go. */
export const isReady = (conversation: string): boolean =>
  chosenFor(conversation).every(({ file }) => file !== undefined)

/** What goes out with the message; nothing is chosen afterwards. */
export function takeChosen(conversation: string): Attachment[] {
  const files = chosenFor(conversation).flatMap(({ file }) => file ?? [])
  set(conversation, () => [])
  return files
}

/** The conversation was deleted, or the page is locked. */
export function forgetChosen(conversation?: string): void {
  for (const id of conversation === undefined ? [...chosen.value.keys()] : [conversation]) {
    for (const { key } of chosenFor(id)) ending.get(key)?.abort()
    set(id, () => [])
  }
}
