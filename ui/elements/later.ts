/** Half of the page is not needed for its first screen: it is fetched when it is due, and else once there is nothing else to do. */

let fetching: Promise<boolean> | undefined

/** Resolves once its elements are defined; false if nobody hands them out now: then the next call asks again. */
export async function fetchRest(): Promise<boolean> {
  fetching ??= import('./rest.ts').then(
    () => true,
    () => {
      fetching = undefined
      return false
    },
  )
  return await fetching
}

/** Not while the first screen still waits for its messages: a browser calls that idle. */
const restMs = 1500

let isDue = false

/** What nobody asks for is there all the same when the daemon is not. */
export function fetchRestLater(): void {
  if (isDue) return
  isDue = true
  setTimeout(() => {
    isDue = false
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => void fetchRest(), { timeout: restMs })
    else void fetchRest()
  }, restMs)
}
