/** What a service worker at the page's address is replaced by: the page has none of its own. */

import type { Context } from 'hono'

/** Takes over from the old one, takes itself away, and loads the pages anew: from the daemon this time. */
const script = `addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(end()))
async function end() {
  await clients.claim()
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  await registration.unregister()
  await Promise.all(pages.map((page) => page.navigate(page.url).catch(() => undefined)))
}
`

/**
 * Whoever held the port while the daemon was down may have registered a worker, which would answer for the daemon for ever.
 * Browsers look for a newer script of it behind each load and at least once a day; this is what they find.
 */
export const asksForWorker = (c: Context): boolean => c.req.header('service-worker') === 'script'

export function answerRetiredWorker(c: Context): Response {
  c.header('content-type', 'text/javascript; charset=utf-8')
  c.header('service-worker-allowed', '/')
  return c.body(script)
}
