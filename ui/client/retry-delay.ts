/** How long to wait before trying again: doubling, bounded, and never two pages in step. */

export const retryDelayMs = (attempt: number, mostMs = 5000): number =>
  Math.min(mostMs, 250 * 2 ** Math.min(attempt, 10)) * (0.6 + Math.random() * 0.4)

/** Waits, or ends early when `wake` fires. */
export const wait = async (ms: number, wake: AbortSignal): Promise<void> => {
  if (wake.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      wake.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    wake.addEventListener('abort', done)
  })
}
