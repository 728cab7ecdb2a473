/** Whoever answered at this address for a while may have left a service worker of their own. */

import { isOwnWorker } from './own-worker.ts'

const scriptOf = ({ active, waiting, installing }: ServiceWorkerRegistration): string | undefined =>
  (installing ?? waiting ?? active)?.scriptURL

export async function removeForeignWorkers(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const all = await navigator.serviceWorker.getRegistrations()
  await Promise.all(all.filter((each) => !isOwnWorker(scriptOf(each))).map(async (each) => await each.unregister()))
}
