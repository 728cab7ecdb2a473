/** Waits that end when a signal says so. */

/** Settles like `promise`, or rejects with the signal's reason as soon as it is aborted. */
export async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves after `ms`; rejects with the signal's reason if that comes first. Does not keep the process alive. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  timer.unref()
  try {
    await raceSignal(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when `work` has settled, however it did, or after `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  try {
    await Promise.race([promise, work.then(() => undefined).catch(() => undefined)])
  } finally {
    clearTimeout(timer)
  }
}

/** Starts work that nobody waits for. Its failures must already be handled inside: any that is left goes to `failed`. */
export function inBackground(work: Promise<unknown>, failed: (error: unknown) => void): void {
  work.catch(failed)
}
