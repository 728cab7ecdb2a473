/** Messages on their way to the daemon: shown at once, sent in order, tried again with the same clientId until taken. */

import { signal } from '@preact/signals-core'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { api } from '../client/api.ts'
import { ApiError, apiErrorCode, isPassing, type ApiErrorCode } from '../client/api-error.ts'
import { retryDelayMs, wait } from '../client/retry-delay.ts'
import { sealedStore } from '../client/sealed-store.ts'
import { claimTab, onceGone, thisTab } from './tabs.ts'
import {
  cancelUpload,
  isStuck,
  restoreUploads,
  settleUploads,
  takeBack,
  upload,
  uploadsOf,
  withoutPreview,
  type Upload,
} from './uploads.ts'

export interface PendingMessage {
  readonly kind: 'pending'
  readonly clientId: string
  readonly conversation: string
  readonly text: string
  /** Keys of the files that go with it: some may still be on their way to the daemon. */
  readonly uploads: readonly string[]
  readonly at: number
  /** `waiting`: tried and not taken yet, will be tried again. `failed`: the daemon said no. */
  readonly state: 'sending' | 'waiting' | 'failed'
  /** Absent where a file says why. */
  readonly code?: ApiErrorCode
}

/** As it lies sealed beside the page. */
interface KeptMessage extends PendingMessage {
  readonly files: readonly Upload[]
  /** Whose it is: while that one lives, no other tab sends it or removes it. */
  readonly tab: string
}

function asPending(kept: KeptMessage): PendingMessage {
  const { files: _, tab: _tab, ...message } = kept
  return message
}

/** All conversations', oldest first. */
export const pending = signal<readonly PendingMessage[]>([])

let onTaken: (message: Message) => void = () => undefined
let wake = new AbortController()
/** False behind a lock. */
let isStarted = false
/** The daemon was there: what is taken up later goes by itself. */
let isFlushed = false
const running = new Set<string>()
/** Writes of what waits, by clientId. */
const keeping = new Map<string, Promise<void>>()

const find = (clientId: string): PendingMessage | undefined =>
  pending.value.find((message) => message.clientId === clientId)

function put(clientId: string, change: Pick<PendingMessage, 'state' | 'code'> | Pick<PendingMessage, 'uploads'>): void {
  pending.value = pending.value.map((each) => {
    if (each.clientId !== clientId) return each
    const { code: _, ...rest } = each
    return 'state' in change ? { ...rest, ...change } : { ...each, ...change }
  })
}

/** One write after the other: the newest is the one that stays. */
function keep(clientId: string): void {
  const message = find(clientId)
  const files = uploadsOf(message?.uploads ?? [])
  // Behind a lock the files are forgotten; what was written before still names them.
  if (message === undefined || files.length < message.uploads.length) return
  const kept: KeptMessage = { ...message, files: files.map(withoutPreview), tab: thisTab }
  const before = keeping.get(clientId) ?? Promise.resolve()
  keeping.set(
    clientId,
    before.then(async () => await sealedStore.put(clientId, kept)).catch(() => undefined),
  )
}

function drop(clientId: string): void {
  pending.value = pending.value.filter((each) => each.clientId !== clientId)
  // Not before it is written, or it would be taken up again after a reload.
  const written = keeping.get(clientId) ?? Promise.resolve()
  keeping.delete(clientId)
  void written.then(async () => await sealedStore.delete(clientId)).catch(() => undefined)
}

/** The daemon has it. */
function settle(clientId: string): void {
  const sent = find(clientId)
  if (sent === undefined) return
  settleUploads(sent.uploads)
  drop(clientId)
}

/** Resolves once all its files are at the daemon; false if one of them is not. */
async function filesArrive({ clientId, uploads }: PendingMessage): Promise<boolean> {
  await Promise.all(
    uploads.map(async (key) => {
      await upload(key)
      keep(clientId)
    }),
  )
  const keys = find(clientId)?.uploads ?? []
  const files = uploadsOf(keys)
  if (files.length < keys.length) throw new ApiError('LOCKED', 'the files are forgotten')
  const failed = files.filter(({ file }) => file === undefined)
  const passing = failed.find((each) => !isStuck(each))
  if (failed.length > 0 && !failed.some(isStuck)) throw new ApiError(passing?.code ?? 'DAEMON_GONE', 'a file waits')
  return failed.length === 0
}

async function post({ conversation, clientId, text, uploads }: PendingMessage): Promise<void> {
  const files = uploadsOf(uploads).flatMap(({ file }): Attachment[] => (file === undefined ? [] : [file]))
  const attachments = files.length === 0 ? {} : { attachments: files.map(({ id }) => id) }
  onTaken(await api.send(conversation, { text, clientId, ...attachments }))
  settle(clientId)
}

/** Tries one message once. Answers how long to wait before the next attempt. */
async function attempt(message: PendingMessage, tries: number): Promise<number> {
  const { clientId } = message
  try {
    const isWhole = await filesArrive(message)
    const now = find(clientId)
    if (now !== undefined && isWhole) await post(now)
    else put(clientId, { state: 'failed' })
    return 0
  } catch (error) {
    const code = apiErrorCode(error)
    if (code === 'NOT_FOUND') takeBack(find(clientId)?.uploads ?? [])
    await keeping.get(clientId) // "waiting" promises that it outlives the page
    put(clientId, { state: isPassing(code) ? 'waiting' : 'failed', code })
    const asked = error instanceof ApiError ? error.retryAfterMs : 0
    return isPassing(code) && find(clientId) !== undefined ? Math.max(asked, retryDelayMs(tries)) : 0
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

/** `uploads`: keys of the files that go with it. */
export function send(conversation: string, text: string, uploads: readonly string[] = []): void {
  const clientId = crypto.randomUUID()
  const at = Date.now()
  const message: PendingMessage = { kind: 'pending', clientId, conversation, text, uploads, at, state: 'sending' }
  pending.value = [...pending.value, message]
  keep(clientId)
  void run(conversation)
}

export function retry(clientId: string): void {
  const message = find(clientId)
  if (message === undefined) return
  put(clientId, { state: 'sending' })
  void run(message.conversation)
}

export function discard(clientId: string): void {
  for (const key of find(clientId)?.uploads ?? []) cancelUpload(key)
  drop(clientId)
}

/** One of its files is not sent after all; nothing is left of a message that had nothing else. */
export function discardFile(clientId: string, key: string): void {
  const message = find(clientId)
  if (message === undefined) return
  const left = message.uploads.filter((each) => each !== key)
  if (left.length === 0 && message.text.trim() === '') return discard(clientId)
  put(clientId, { uploads: left })
  cancelUpload(key)
  keep(clientId)
}

/** The conversation was deleted, and what waited in it with it. */
export function discardAll(conversation: string): void {
  for (const each of pending.value) if (each.conversation === conversation) discard(each.clientId)
}

/** The daemon has it: seen in an answer or in an event, whichever came first. */
export function confirmSent(message: Message): void {
  if (message.clientId !== undefined) settle(message.clientId)
}

/** The link is back: do not wait any longer. */
export function flushOutbox(): void {
  isFlushed = true
  wake.abort()
  wake = new AbortController()
  for (const each of pending.value) void run(each.conversation)
}

/** Once all is kept, nothing of it stays in memory; startOutbox() takes it up again. */
export async function forgetPending(): Promise<void> {
  isStarted = false
  await Promise.all(keeping.values())
  pending.value = []
}

async function keptMessages(): Promise<KeptMessage[]> {
  const kept = (await sealedStore.values().catch(() => [])) as (KeptMessage | { readonly kind: 'draft' })[]
  return kept.filter((each) => each.kind === 'pending')
}

function takeUp(left: readonly KeptMessage[]): void {
  const known = new Set(pending.value.map((each) => each.clientId))
  const fresh = left.filter((each) => !known.has(each.clientId))
  restoreUploads(fresh.flatMap(({ files }) => files))
  pending.value = [...fresh.map(asPending), ...pending.value].toSorted((a, b) => a.at - b.at)
}

/** What a tab that is gone has left is this one's from now on. */
async function inherit(tab: string): Promise<void> {
  const left = (await keptMessages()).filter((each) => each.tab === tab)
  if (!isStarted) return
  takeUp(left)
  for (const { clientId } of left) keep(clientId)
  await Promise.all(left.map(async ({ clientId }) => await keeping.get(clientId)))
  if (isFlushed) for (const { conversation } of left) void run(conversation)
}

/** Takes up what earlier loads of the page left behind, and what other tabs leave when they go. */
export async function startOutbox(taken: (message: Message) => void): Promise<void> {
  onTaken = taken
  isStarted = true
  claimTab()
  const left = await keptMessages()
  takeUp(left.filter(({ tab }) => tab === thisTab))
  const others = new Set(left.map(({ tab }) => tab).filter((tab) => tab !== thisTab))
  await Promise.all([...others].map(async (tab) => await onceGone(tab, async () => await inherit(tab))))
}
