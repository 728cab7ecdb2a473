/** The page's service worker: a shell while the daemon does not answer, and notifications. */

import { follow, push } from './notifications.ts'
import { answer, dropOthers, isOfShell, keepShell } from './shell.ts'

declare const self: ServiceWorkerGlobalScope

/** Another script was at this address: of an older build, or of whoever held the port. */
let takesOver = false

self.addEventListener('install', (event) => {
  takesOver = self.registration.active !== null
  event.waitUntil(keepShell())
  void self.skipWaiting()
})

/** Pages that the other one gave out are loaded anew; drafts and unsent messages outlive that. */
async function begin(): Promise<void> {
  await dropOthers()
  await self.clients.claim()
  if (!takesOver) return
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  await Promise.all(pages.map(async (page) => await page.navigate(page.url).catch(() => undefined)))
}

self.addEventListener('activate', (event) => event.waitUntil(begin()))

self.addEventListener('fetch', (event) => {
  if (isOfShell(event.request)) event.respondWith(answer(event.request))
})

self.addEventListener('push', (event) => event.waitUntil(push(event.data?.text())))

self.addEventListener('notificationclick', (event) => event.waitUntil(follow(event.notification)))
