/** What a test sees and does of the page's service worker. */

import type { CDPSession, Page } from 'playwright-core'

/** Resolves once the worker answers for this page. */
export async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

export interface Shown {
  title: string
  body: string
  tag: string
}

/** Resolves once what is shown is as wished. A predicate that answers a promise counts as true to waitForFunction(). */
export async function until(page: Page, wished: (all: readonly Shown[]) => boolean): Promise<void> {
  const look = async (): Promise<Shown[]> =>
    await page.evaluate(async () => {
      // A moment between two looks.
      await new Promise((resolve) => {
        setTimeout(resolve, 20)
      })
      const all = await (await navigator.serviceWorker.ready).getNotifications()
      return all.map(({ title, body, tag }) => ({ title, body, tag }))
    })
  const late = AbortSignal.timeout(60_000)
  for (let seen = await look(); !wished(seen); seen = await look())
    if (late.aborted) throw new Error(`shown is ${JSON.stringify(seen)}`)
}

/** Resolves once just these are shown. */
export async function shows(page: Page, wanted: readonly Shown[]): Promise<void> {
  await until(page, (seen) => JSON.stringify(seen) === JSON.stringify(wanted))
}

/** Pushes to the page's worker as a push service would. */
export async function pusher(page: Page, origin: string): Promise<(data: string) => Promise<void>> {
  const protocol: CDPSession = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) => {
    protocol.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ scopeURL }) => scopeURL.startsWith(origin))
      if (own !== undefined) resolve(own.registrationId)
    })
  })
  await protocol.send('ServiceWorker.enable')
  const registrationId = await registered
  return async (data) => {
    await protocol.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
  }
}
