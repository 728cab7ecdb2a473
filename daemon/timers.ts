/** The clock and the timers that rooms are handed, so that a simulator can drive both. */

export interface Timers {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `task` once after `ms`; 0 is the next turn of the event loop. Returns the function that calls it off. */
  after(ms: number, task: () => void): () => void
}

/** A longer one goes off at once. */
const longestMs = 2 ** 31 - 1

/** The machine's own clock. Timers do not keep the process alive. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (ms, task) => {
    if (ms <= 0) {
      const immediate = setImmediate(task)
      return () => {
        clearImmediate(immediate)
      }
    }
    let timeout: NodeJS.Timeout | undefined
    const arm = (leftMs: number): void => {
      const partMs = Math.min(leftMs, longestMs)
      timeout = setTimeout(() => (partMs === leftMs ? task() : arm(leftMs - partMs)), partMs).unref()
    }
    arm(ms)
    return () => {
      clearTimeout(timeout)
    }
  },
}
