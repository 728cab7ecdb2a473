/** The page's service worker: its shell while the daemon does not answer, and notifications. */

/** The only address that trusted types let through as a script of a worker. */
const address = '/service-worker.js'

interface Rules {
  createScriptURL(url: string): string
}

const rules: Rules = {
  createScriptURL: (url) => {
    if (url !== address) throw new TypeError(`not ours: ${url}`)
    return url
  },
}

const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Rules): Rules } }).trustedTypes

export const isOwnWorker = (scriptUrl: string | undefined): boolean =>
  scriptUrl === new URL(address, location.origin).href

/** Undefined where browsers have none, such as in private windows of some. */
export async function registerOwnWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined
  const policy = factory === undefined ? rules : factory.createPolicy('warren', rules)
  return await navigator.serviceWorker
    .register(policy.createScriptURL(address), { scope: '/', updateViaCache: 'none' })
    .catch(() => undefined)
}
