/** Notifications: one for each conversation, replaced and not stacked, and where a touch on one leads. */

import type { PushPayload } from '../../protocol/http-push.ts'

declare const self: ServiceWorkerGlobalScope

/** TypeScript's library does not know all of them. */
interface Options extends NotificationOptions {
  renotify?: boolean
  timestamp?: number
}

const pages = async (): Promise<readonly WindowClient[]> =>
  await self.clients.matchAll({ type: 'window', includeUncontrolled: true })

const addressOf = (conversation: string): string => `/#/c/${encodeURIComponent(conversation)}`

/** A page that is asleep does not answer. */
const answerMs = 500

/** The conversation that somebody looks at on this page, by its own word: its address, as browsers tell it, is where it began. */
async function looksAt(page: WindowClient): Promise<unknown> {
  const { port1, port2 } = new MessageChannel()
  const answer = new Promise<unknown>((resolve) => {
    port1.addEventListener('message', ({ data }) => resolve(data))
    port1.start()
    setTimeout(resolve, answerMs)
  })
  page.postMessage({ looking: true }, [port2])
  return await answer
}

async function isLookedAt(conversation: string): Promise<boolean> {
  const visible = (await pages()).filter(({ visibilityState }) => visibilityState === 'visible')
  return (await Promise.all(visible.map(looksAt))).includes(conversation)
}

export async function closeOf(conversation: string): Promise<void> {
  for (const each of await self.registration.getNotifications({ tag: conversation })) each.close()
}

/** Undefined for anything that is no payload of this version. */
function readPayload(text: string | undefined): PushPayload | undefined {
  try {
    const read = JSON.parse(text ?? '') as PushPayload & { notification?: { data: PushPayload } }
    const payload = read.notification?.data ?? read
    return typeof payload.conversation === 'string' && ['message', 'read'].includes(payload.type) ? payload : undefined
  } catch {
    return undefined
  }
}

export async function push(text: string | undefined): Promise<void> {
  const payload = readPayload(text)
  if (payload?.type === 'read') return await closeOf(payload.conversation)
  // Somebody who looks at it needs no telling; browsers want to see one for everything else.
  if (payload !== undefined && (await isLookedAt(payload.conversation))) return undefined
  const options: Options = {
    body: payload?.body ?? '',
    tag: payload?.conversation ?? 'warren',
    renotify: true,
    icon: '/icon-192.png',
    badge: '/badge.png',
    data: payload?.conversation,
    ...(payload === undefined ? {} : { timestamp: payload.at }),
  }
  return await self.registration.showNotification(payload?.title ?? 'Warren', options)
}

/** Brings a page to the front that is there already, else opens one. */
export async function follow(notification: Notification): Promise<void> {
  notification.close()
  const conversation: unknown = notification.data
  const [page] = (await pages()).toSorted((a, b) => Number(b.focused) - Number(a.focused))
  if (page === undefined) {
    await self.clients.openWindow(typeof conversation === 'string' ? addressOf(conversation) : '/')
    return
  }
  if (typeof conversation === 'string') page.postMessage({ open: conversation })
  await page.focus()
}
