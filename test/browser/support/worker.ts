/** What a test sees and does of the page's service worker. */

import type { BrowserContext, CDPSession, Page } from 'playwright-core'

/** How many were shown so far; -1 while one is on its way to the screen. Counts from the first call on. Runs in a page or in its worker. */
function countShown(): number {
  const scope = globalThis as unknown as { shown?: { begun: number; ended: number } }
  if (scope.shown === undefined) {
    const shown = { begun: 0, ended: 0 }
    scope.shown = shown
    const { prototype } = ServiceWorkerRegistration
    const show: (...all: never) => Promise<void> = Reflect.get(prototype, 'showNotification')
    prototype.showNotification = async function (...all) {
      shown.begun += 1
      try {
        await Reflect.apply(show, this, all)
      } finally {
        shown.ended += 1
      }
    }
  }
  return scope.shown.begun === scope.shown.ended ? scope.shown.ended : -1
}

/** By the page and by its worker; undefined while one is on its way. */
async function shownSoFar(page: Page): Promise<number | undefined> {
  // One that ends or loads itself anew just now shows nothing more.
  const workers = page.context().serviceWorkers()
  const counts = await Promise.all([
    page.evaluate(countShown).catch(() => 0),
    ...workers.map(async (worker) => await worker.evaluate(countShown).catch(() => 0)),
  ])
  return counts.includes(-1) ? undefined : counts.reduce((sum, each) => sum + each, 0)
}

/** Resolves once the worker answers for this page. */
export async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await shownSoFar(page)
}

export interface Shown {
  title: string
  body: string
  tag: string
}

const lookMs = 2000
const seenBefore = new WeakMap<BrowserContext, number>()

/** Resolves once something was shown that nobody looked at yet, or after a while. */
async function somethingNew(page: Page): Promise<void> {
  const enough = AbortSignal.timeout(lookMs)
  for (const context = page.context(); !enough.aborted; await page.waitForTimeout(20)) {
    const count = await shownSoFar(page)
    if (count === undefined || count === (seenBefore.get(context) ?? 0)) continue
    seenBefore.set(context, count)
    return
  }
}

/**
 * Resolves once what is shown is as wished. Who asks Chromium for what is shown, while it is about to show something, may make it
 * forget that: so this is asked only once something was shown.
 */
export async function until(page: Page, wished: (all: readonly Shown[]) => boolean): Promise<void> {
  const late = AbortSignal.timeout(60_000)
  for (;;) {
    if (!wished([])) await somethingNew(page)
    const seen = await page.evaluate(async () => {
      const all = await (await navigator.serviceWorker.ready).getNotifications()
      return all.map(({ title, body, tag }) => ({ title, body, tag }))
    })
    if (wished(seen)) return
    if (late.aborted) throw new Error(`shown is ${JSON.stringify(seen)}`)
    await page.waitForTimeout(20)
  }
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
