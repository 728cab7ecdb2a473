/** The page's service worker: a shell while the daemon does not answer, and notifications. */

import { follow, push } from './notifications.ts'
import { answer, dropOthers, isOfShell, keepShell } from './shell.ts'

declare const self: ServiceWorkerGlobalScope

/** Another script was at this address: of an older build, or of whoever held the port. */
let takesOver = false

/** Where the browser has it: https://w3c.github.io/ServiceWorker/#register-router-method */
interface WithRoutes extends ExtendableEvent {
  addRoutes?(rule: { condition: { urlPattern: string }; source: 'network' }): Promise<void>
}

/**
 * The worker has no part in what is asked of the daemon. Chromium hands it every request all the same, from within the page:
 * the last words of a page that goes away went lost on a busy machine, half-way between the two.
 */
async function keepOut(event: WithRoutes): Promise<void> {
  await event.addRoutes?.({ condition: { urlPattern: '/api/*' }, source: 'network' }).catch(() => undefined)
}

self.addEventListener('install', (event: WithRoutes) => {
  takesOver = self.registration.active !== null
  event.waitUntil(keepOut(event))
  event.waitUntil(keepShell())
  void self.skipWaiting()
})

/** How long a page has to load itself anew. */
const ownStepMs = 3000

const windows = async (): Promise<readonly WindowClient[]> =>
  await self.clients.matchAll({ type: 'window', includeUncontrolled: true })

/**
 * Pages that the other one gave out are loaded anew; drafts and unsent messages outlive that. Ours do it themselves, and stay where
 * they are; somebody else's do not, and are led away: the query makes it a load, and no step within the page. Nothing of it may
 * be waited for in `activate`: what a page asks for is answered only once this worker is active.
 */
async function renewPages(): Promise<void> {
  const given = new Set<string>()
  for (const page of await windows()) {
    given.add(page.id)
    page.postMessage({ renew: true })
  }
  await new Promise((resolve) => {
    setTimeout(resolve, ownStepMs)
  })
  for (const page of await windows())
    if (given.has(page.id)) page.navigate(`/?renewed=${Date.now()}`).catch(() => undefined)
}

async function begin(): Promise<void> {
  await dropOthers()
  await self.clients.claim()
  if (takesOver) void renewPages()
}

self.addEventListener('activate', (event) => event.waitUntil(begin()))

self.addEventListener('fetch', (event) => {
  if (isOfShell(event.request)) event.respondWith(answer(event.request))
})

self.addEventListener('push', (event) => event.waitUntil(push(event.data?.text())))

self.addEventListener('notificationclick', (event) => event.waitUntil(follow(event.notification)))
