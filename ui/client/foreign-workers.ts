/** This page has no service worker: one that is there was left by something else that answered at this address. */

export async function removeForeignWorkers(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const all = await navigator.serviceWorker.getRegistrations()
  await Promise.all(all.map(async (each) => await each.unregister()))
}
