/** The clock and the timers that rooms are handed, so that a simulator can drive both. */

export interface Timers {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `task` once after `ms`; 0 is the next turn of the event loop. Returns the function that calls it off. */
  after(ms: number, task: () => void): () => void
}

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
    const timeout = setTimeout(task, ms)
    timeout.unref()
    return () => {
      clearTimeout(timeout)
    }
  },
}
