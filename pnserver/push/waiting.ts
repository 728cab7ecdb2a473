/** What both providers need to be patient within bounds: a clock, waits that end early, and how long to wait before trying again. */

/** The clock and the timers, so that a test can be the one that lets time pass. */
export interface Timers {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `task` once after `ms`. Returns the function that calls it off. */
  after(ms: number, task: () => void): () => void
}

/** The machine's own. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timeout = setTimeout(task, ms)
    return () => {
      clearTimeout(timeout)
    }
  },
}

/** Numbers that bound what one push may cost, in milliseconds unless the name says otherwise. */
export const pushLimits = {
  /** From the call of send() to its outcome. */
  sendMs: 30_000,
  /** To connect, with TLS and all that comes before the first request. */
  connectMs: 10_000,
  /** To be answered once, and how long until it is asked whether anybody is there. */
  answerMs: 10_000,
  silenceMs: 4000,
  pongMs: 3000,
  /** A connection that was quiet for so long is asked whether it still is one. */
  quietMs: 30_000,
  /** Requests of one push to one server, with the first one. */
  tries: 4,
  /** Pushes that are under way or wait, in one provider. */
  pushes: 512,
  /** Streams at a time on one connection, however many the other side would allow. */
  streams: 256,
  /** Connections at a time to one push service, where each carries one request. */
  sockets: 64,
  /** Bytes of an answer that are read. */
  answerBytes: 4096,
  /** A wait that the other side asks for is waited here up to so long; a longer one is the caller's. */
  patienceMs: 5000,
  /** A wait that is asked for counts as no longer than that. */
  retryAfterMostMs: 24 * 3_600_000,
  /** What the caller is told to wait where the other side did not say. */
  laterMs: 60_000,
  retryFirstMs: 500,
  /** Servers that asked for a wait and are remembered. */
  quietServers: 1024,
} as const

/** Resolves to true after `ms`, to false as soon as `signal` aborts. */
export async function wait(timers: Timers, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  return await new Promise<boolean>((resolve) => {
    const end = (isOver: boolean) => (): void => {
      callOff()
      signal.removeEventListener('abort', stopped)
      resolve(isOver)
    }
    const stopped = end(false)
    const callOff = timers.after(ms, end(true))
    signal.addEventListener('abort', stopped)
  })
}

/** How long before try number `next`, counted from 1: doubled each time, between half of it and all of it. */
export const retryDelayMs = (next: number, random: () => number): number =>
  Math.round(pushLimits.retryFirstMs * 2 ** (next - 1) * (0.5 + random() / 2))

/** A Retry-After header (RFC 9110, section 10.2.3): seconds, or a date. Undefined for anything else. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), pushLimits.retryAfterMostMs)
}

interface Run {
  /** Aborts when the caller gives up, when the time is over, and when everything is stopped. */
  readonly signal: AbortSignal
  end(): void
}

/** What is under way: each bounded in time, all of them in number. */
export class Runs {
  readonly #timers: Timers
  readonly #running = new Set<AbortController>()
  #isStopped = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Undefined if there are too many, or no more may begin. */
  begin(caller: AbortSignal): Run | undefined {
    if (this.#isStopped || caller.aborted || this.#running.size >= pushLimits.pushes) return undefined
    const controller = new AbortController()
    const abort = (): void => {
      controller.abort()
    }
    this.#running.add(controller)
    const callOff = this.#timers.after(pushLimits.sendMs, abort)
    caller.addEventListener('abort', abort)
    return {
      signal: controller.signal,
      end: () => {
        callOff()
        caller.removeEventListener('abort', abort)
        this.#running.delete(controller)
      },
    }
  }

  /** Ends all, and lets none begin. */
  stop(): void {
    this.#isStopped = true
    for (const controller of this.#running) controller.abort()
  }
}
