/** Notifications of this browser: whether it may, whether the daemon sends them too while no page is open, and what is shown. */

import { effect, signal } from '@preact/signals-core'
import { msg, str } from '@lit/localize'
import type { Message } from '../../protocol/http-conversations.ts'
import type { PushPatch, PushSettings } from '../../protocol/http-push.ts'
import { api } from '../client/api.ts'
import { fromBase64url, toBase64url } from '../client/base64url.ts'
import { language } from '../locale.ts'
import { messageWords } from '../text/file-words.ts'
import { conversationName } from '../text/names.ts'
import { isHidden } from './hidden.ts'
import { personName } from './person-names.ts'
import { isLooking } from './read-marks.ts'
import { go, route } from './route.ts'
import { connectionState, contactOf, conversationOf, conversations, me } from './state.ts'

/** `off`: the owner turned them off here. */
export type Notifying = 'unsupported' | 'ask' | 'denied' | 'off' | 'on'

const storageKey = 'warren-notifications'
const bodyCharacters = 240

export const notifying = signal<Notifying>('unsupported')
/** Undefined until the daemon said so. */
export const pushSettings = signal<PushSettings | undefined>(undefined)
/** The daemon sends them to this browser, whether a page is open or not. */
export const isPushed = signal(false)

const canPush = 'PushManager' in globalThis && 'serviceWorker' in navigator
const registration = async (): Promise<ServiceWorkerRegistration> => await navigator.serviceWorker.ready

function readState(): Notifying {
  if (!('Notification' in globalThis) || !('serviceWorker' in navigator)) return 'unsupported'
  if (Notification.permission === 'default') return 'ask'
  if (Notification.permission === 'denied') return 'denied'
  return localStorage.getItem(storageKey) === 'off' ? 'off' : 'on'
}

/** Whether there is a push service at all: a private window has none. */
export const mayPush = (): boolean => canPush && notifying.value === 'on'

async function subscription(): Promise<PushSubscription | null> {
  return canPush ? await (await registration()).pushManager.getSubscription() : null
}

/** Takes what the daemon answers; a subscription that it does not know any more is given up. */
async function refresh(): Promise<void> {
  const settings = await api.pushSettings()
  pushSettings.value = settings
  const own = settings.subscriptions.some(({ current }) => current)
  const there = await subscription()
  if (there !== null && !own) await there.unsubscribe()
  isPushed.value = own && there !== null
}

async function subscribe(): Promise<void> {
  const settings = pushSettings.value ?? (await api.pushSettings())
  const made = await (
    await registration()
  ).pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: fromBase64url(settings.applicationServerKey),
  })
  const key = (name: PushEncryptionKeyName): string => toBase64url(new Uint8Array(made.getKey(name) ?? []))
  const code = language() === 'de' ? 'de' : 'en'
  try {
    pushSettings.value = await api.subscribePush({
      endpoint: made.endpoint,
      p256dh: key('p256dh'),
      auth: key('auth'),
      language: code,
    })
    isPushed.value = true
  } catch (error) {
    await made.unsubscribe()
    throw error
  }
}

/** By a press of the owner's: browsers ask them then. Throws ApiError, and what the browser throws. */
export async function turnOn(): Promise<void> {
  localStorage.removeItem(storageKey)
  if (Notification.permission === 'default') await Notification.requestPermission()
  notifying.value = readState()
}

export async function turnOff(): Promise<void> {
  localStorage.setItem(storageKey, 'off')
  notifying.value = readState()
  await setPushed(false)
}

/** Throws ApiError, and what the browser throws. */
export async function setPushed(wanted: boolean): Promise<void> {
  if (wanted) return await subscribe()
  const own = pushSettings.value?.subscriptions.find(({ current }) => current)
  await (await subscription())?.unsubscribe()
  if (own !== undefined) await api.unsubscribePush(own.id)
  isPushed.value = false
  await refresh()
}

export async function patchPush(patch: PushPatch): Promise<void> {
  pushSettings.value = await api.patchPush(patch)
}

function wordsOf(message: Message): { title: string; body: string } | undefined {
  const conversation = conversationOf(message.conversation)
  if (conversation === undefined || conversation.muted || message.outside === true || isHidden(message))
    return undefined
  // Read elsewhere, or older than what was told: history that comes late.
  if (message.order <= conversation.readUpTo || message.order < (conversation.last?.order ?? '')) return undefined
  if (pushSettings.value?.previews !== true) return { title: 'Warren', body: msg('New message') }
  const name = conversationName(conversation, contactOf(conversation))
  const body = messageWords(message).slice(0, bodyCharacters)
  if (conversation.kind !== 'group') return { title: name, body }
  return { title: name, body: msg(str`${personName(message.from)}: ${body}`) }
}

/** Conversations of which this page showed one. */
const shown = new Set<string>()

/** Call for each new message of somebody else's: one notification a conversation, the newest. */
export async function notifyOf(message: Message): Promise<void> {
  if (notifying.value !== 'on' || isPushed.value || isLooking() || message.notice !== undefined) return
  const words = wordsOf(message)
  if (words === undefined) return
  shown.add(message.conversation)
  const options: NotificationOptions & { renotify: boolean } = {
    body: words.body,
    tag: message.conversation,
    renotify: true,
    icon: '/icon-192.png',
    badge: '/badge.png',
    data: message.conversation,
  }
  await (await registration()).showNotification(words.title, options)
}

async function close(conversation: string): Promise<void> {
  for (const each of await (await registration()).getNotifications({ tag: conversation })) each.close()
}

/** What was read, here or elsewhere, needs no notification any more. */
function closeRead(): void {
  for (const [id, { unread }] of conversations.value) {
    if (unread > 0) continue
    if (shown.delete(id) || isPushed.peek()) void close(id).catch(() => undefined)
  }
}

/** What the page's worker says to it. */
interface WorkerWord {
  open?: unknown
  /** The page is from another build. */
  renew?: unknown
  /** What does somebody look at here? */
  looking?: unknown
}

const lookedAt = (): string | undefined => {
  const at = route.value
  return isLooking() && at.name === 'chat' ? at.conversation : undefined
}

/** Behind a lock, and where nobody is signed in, nothing of what was said stays on any screen. */
async function forget(): Promise<void> {
  shown.clear()
  pushSettings.value = undefined
  if (!('serviceWorker' in navigator)) return
  const worker = await navigator.serviceWorker.getRegistration()
  for (const each of (await worker?.getNotifications()) ?? []) each.close()
}

/** A daemon that is back may be of another build: its worker then loads this page anew. */
async function lookForNewer(): Promise<void> {
  if ('serviceWorker' in navigator) await (await navigator.serviceWorker.getRegistration())?.update()
}

/** `tell`: the daemon hears which conversation somebody looks at, and sends no notification of it. */
export function startNotifications(tell: (conversation: string | undefined) => void): void {
  notifying.value = readState()
  const look = (): void => tell(lookedAt())
  effect(look)
  for (const kind of ['focus', 'blur']) addEventListener(kind, look)
  document.addEventListener('visibilitychange', look)
  effect(() => {
    const state = connectionState.value
    if (['locked', 'signed-out', 'unpaired'].includes(state)) void forget().catch(() => undefined)
    if (state !== 'online') return
    queueMicrotask(look)
    void me.value // which changes with what notifications may say
    void refresh().catch(() => undefined) // asked again with the next connection
    void lookForNewer().catch(() => undefined)
  })
  effect(closeRead)
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', ({ data, ports }: MessageEvent<WorkerWord | null>) => {
    if (data?.looking === true) ports[0]?.postMessage(lookedAt())
    if (data?.renew === true) location.reload()
    if (typeof data?.open === 'string') go({ name: 'chat', conversation: data.open })
  })
}
