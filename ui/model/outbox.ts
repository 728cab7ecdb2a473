/** Messages on their way to the daemon: shown at once, sent in order, tried again with the same clientId until taken. */

import { signal } from '@preact/signals-core'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { api } from '../client/api.ts'
import { ApiError, apiErrorCode, isPassing, type ApiErrorCode } from '../client/api-error.ts'
import { retryDelayMs, wait } from '../client/retry-delay.ts'
import { sealedStore } from '../client/sealed-store.ts'

export interface PendingMessage {
  readonly kind: 'pending'
  readonly clientId: string
  readonly conversation: string
  readonly text: string
  /** What goes with it: the daemon has it already. */
  readonly attachments?: readonly Attachment[]
  readonly at: number
  /** `waiting`: tried and not taken yet, will be tried again. `failed`: the daemon said no. */
  readonly state: 'sending' | 'waiting' | 'failed'
  readonly code?: ApiErrorCode
}

/** All conversations', oldest first. */
export const pending = signal<readonly PendingMessage[]>([])

let onTaken: (message: Message) => void = () => undefined
let wake = new AbortController()
const running = new Set<string>()
/** Writes of what waits, by clientId. */
const keeping = new Map<string, Promise<void>>()

const put = (message: PendingMessage): void => {
  pending.value = pending.value.map((each) => (each.clientId === message.clientId ? message : each))
}

const drop = (clientId: string): void => {
  if (!pending.value.some((each) => each.clientId === clientId)) return
  pending.value = pending.value.filter((each) => each.clientId !== clientId)
  // Not before it is written, or it would be taken up again after a reload.
  const written = keeping.get(clientId) ?? Promise.resolve()
  keeping.delete(clientId)
  void written.then(async () => await sealedStore.delete(clientId)).catch(() => undefined)
}

/** Tries one message once. Answers how long to wait before the next attempt. */
async function attempt(message: PendingMessage, tries: number): Promise<number> {
  try {
    const { text, clientId, attachments = [] } = message
    const files = attachments.length === 0 ? {} : { attachments: attachments.map(({ id }) => id) }
    const taken = await api.send(message.conversation, { text, clientId, ...files })
    onTaken(taken)
    drop(clientId)
    return 0
  } catch (error) {
    const code = apiErrorCode(error)
    await keeping.get(message.clientId) // "waiting" promises that it outlives the page
    if (!isPassing(code)) put({ ...message, state: 'failed', code })
    else put({ ...message, state: 'waiting', code })
    const asked = error instanceof ApiError ? error.retryAfterMs : 0
    return isPassing(code) ? Math.max(asked, retryDelayMs(tries)) : 0
  }
}

/** One at a time per conversation, so that the order of typing is the order of sending. */
async function run(conversation: string): Promise<void> {
  if (running.has(conversation)) return
  running.add(conversation)
  for (let tries = 0; ; tries += 1) {
    const next = pending.value.find((each) => each.conversation === conversation && each.state !== 'failed')
    if (next === undefined) break
    const waitMs = await attempt(next, tries)
    if (waitMs === 0) tries = -1
    else await wait(waitMs, wake.signal)
  }
  running.delete(conversation)
}

export function send(conversation: string, text: string, files: readonly Attachment[] = []): void {
  const clientId = crypto.randomUUID()
  const about = files.length === 0 ? { text } : { text, attachments: files }
  const at = Date.now()
  const message: PendingMessage = { kind: 'pending', clientId, conversation, ...about, at, state: 'sending' }
  pending.value = [...pending.value, message]
  keeping.set(
    clientId,
    sealedStore.put(clientId, message).catch(() => undefined),
  )
  void run(conversation)
}

export function retry(clientId: string): void {
  const message = pending.value.find((each) => each.clientId === clientId)
  if (message === undefined) return
  put({ ...message, state: 'sending' })
  void run(message.conversation)
}

export const discard = drop

/** The conversation was deleted, and what waited in it with it. */
export function discardAll(conversation: string): void {
  for (const each of pending.value) if (each.conversation === conversation) drop(each.clientId)
}

/** The daemon has it: seen in an answer or in an event, whichever came first. */
export function confirmSent(message: Message): void {
  if (message.clientId !== undefined) drop(message.clientId)
}

/** The link is back: do not wait any longer. */
export function flushOutbox(): void {
  wake.abort()
  wake = new AbortController()
  for (const each of pending.value) void run(each.conversation)
}

/** Once all is kept, nothing of it stays in memory; startOutbox() takes it up again. */
export async function forgetPending(): Promise<void> {
  await Promise.all(keeping.values())
  pending.value = []
}

/** Takes up what an earlier load of the page left behind. */
export async function startOutbox(taken: (message: Message) => void): Promise<void> {
  onTaken = taken
  const left = (await sealedStore.values().catch(() => [])) as PendingMessage[]
  const known = new Set(pending.value.map((each) => each.clientId))
  const fresh = left.filter((each) => each.kind === 'pending' && !known.has(each.clientId))
  pending.value = [...fresh, ...pending.value].toSorted((a, b) => a.at - b.at)
}
