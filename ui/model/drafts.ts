/** Words not sent yet, per conversation: here at once, at the daemon a moment later, never lost between. */

import { signal } from '@preact/signals-core'
import { api } from '../client/api.ts'
import { sealedStore } from '../client/sealed-store.ts'
import { route } from './route.ts'
import { bytesLeft } from '../text/utf8-length.ts'
import { connectionState, conversationOf, conversations, withEntry } from './state.ts'

interface KeptDraft {
  kind: 'draft'
  conversation: string
  text: string
}

/** What was typed on this page and may not have reached the daemon yet. */
const local = signal<ReadonlyMap<string, string>>(new Map())
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const saving = new Map<string, Promise<void>>()
const debounceMs = 600

export const draftOf = (conversation: string): string =>
  local.value.get(conversation) ?? conversationOf(conversation)?.draft ?? ''

const keptName = (conversation: string): string => `draft ${conversation}`
/** The daemon takes no such draft: it lies beside the page until it is made shorter. */
const isTooLong = (text: string): boolean => (bytesLeft(text) ?? 0) < 0
const isOpen = (conversation: string): boolean =>
  'conversation' in route.value && route.value.conversation === conversation

async function save(conversation: string, keepalive: boolean): Promise<void> {
  clearTimeout(timers.get(conversation))
  timers.delete(conversation)
  const draft = local.value.get(conversation)
  if (draft === undefined) return
  if (isTooLong(draft)) return await keep(conversation)
  if (conversationOf(conversation)?.draft !== draft) await api.patchConversation(conversation, { draft }, keepalive)
  await sealedStore.delete(keptName(conversation))
  const now = conversationOf(conversation)
  if (now === undefined || local.value.get(conversation) !== draft) return
  conversations.value = withEntry(conversations.value, conversation, { ...now, draft })
  // While it is on screen, what is typed here outranks what other pages say.
  if (!isOpen(conversation)) local.value = withEntry(local.value, conversation, undefined)
}

/** The daemon did not take it, or a page that goes away could not say all of it: keep it over a reload. */
async function keep(conversation: string): Promise<void> {
  const text = local.value.get(conversation)
  if (text === undefined) return // saved, or forgotten after it was kept
  const kept: KeptDraft = { kind: 'draft', conversation, text }
  await sealedStore.put(keptName(conversation), kept).catch(() => undefined)
}

/** One PATCH at a time per conversation: the last one typed is the last one kept. A page that goes away waits for none. */
function queue(conversation: string, keepalive = false): void {
  const before = keepalive ? Promise.resolve() : (saving.get(conversation) ?? Promise.resolve())
  const next = before.then(async () => await save(conversation, keepalive)).catch(async () => await keep(conversation))
  saving.set(conversation, next)
}

/** The daemon takes nothing now: what was typed lies beside the page at once, before it is reloaded or closed. */
export function keepDrafts(): void {
  for (const conversation of local.value.keys()) queueKeeping(conversation)
}

function queueKeeping(conversation: string): void {
  const before = saving.get(conversation) ?? Promise.resolve()
  saving.set(
    conversation,
    before.then(async () => await keep(conversation)),
  )
}

export function setDraft(conversation: string, text: string): void {
  if (draftOf(conversation) === text) return
  local.value = withEntry(local.value, conversation, text)
  if (connectionState.value !== 'online' || bytesLeft(text) !== undefined) queueKeeping(conversation)
  clearTimeout(timers.get(conversation))
  timers.set(
    conversation,
    setTimeout(() => queue(conversation), text === '' ? 0 : debounceMs),
  )
}

/** The conversation was deleted, and the draft with it. */
export function forgetDraft(conversation: string): void {
  clearTimeout(timers.get(conversation))
  timers.delete(conversation)
  local.value = withEntry(local.value, conversation, undefined)
  const before = saving.get(conversation) ?? Promise.resolve()
  saving.set(
    conversation,
    before.then(async () => await sealedStore.delete(keptName(conversation))).catch(() => undefined),
  )
}

/** Saves at once what still waits: when the conversation is left, the tab is hidden or the link is back. */
export function flushDrafts(keepalive = false): void {
  for (const conversation of local.value.keys()) queue(conversation, keepalive)
}

/** Once all is kept, nothing of it stays in memory; startDrafts() takes it up again. */
export async function forgetDrafts(): Promise<void> {
  for (const timer of timers.values()) clearTimeout(timer)
  timers.clear()
  keepDrafts()
  await Promise.all(saving.values())
  local.value = new Map()
}

/** Takes up what an earlier load of the page left behind. */
export async function startDrafts(): Promise<void> {
  const left = (await sealedStore.values().catch(() => [])) as (KeptDraft | { kind: 'pending' })[]
  for (const each of left) if (each.kind === 'draft') local.value = withEntry(local.value, each.conversation, each.text)
}
