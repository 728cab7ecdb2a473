/** Takes a peer's frames no faster than is fair: others get their turn, a flood is slowed down, and ends its link if it goes on. */

import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { frameWork } from './frame-work.ts'
import { TokenBucket } from './token-bucket.ts'
import { nextTurn, type Turnstile } from './turnstile.ts'

/** What one link may do before everything else that waits gets its turn. */
const turnMs = 8
/** From this length on a frame waits at the turnstile. */
const longBytes = 32 * 1024
/** A shorter wait is not worth a timer. */
const leastWaitMs = 20
const minuteMs = 60_000

export interface PaceDeps {
  readonly turnstile: Turnstile
  /** Aborted when the link is closed: then nothing waits any more. */
  readonly closed: AbortSignal
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Throws RATE_LIMITED where a peer had to be held back for limits.floodPatienceMs of a minute. */
export function pace({ turnstile, closed, now, sleep }: PaceDeps) {
  return async function* (frames: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const work = new TokenBucket(limits.frameUnits, limits.frameUnitsPerSecond, now())
    const patience = new TokenBucket(limits.floodPatienceMs, (limits.floodPatienceMs * 1000) / minuteMs, now())
    let turnBegan = now()
    for await (const frame of frames) {
      const waitMs = work.owe(frameWork(frame), now())
      if (waitMs > leastWaitMs) {
        if (!patience.take(waitMs, now())) throw new WarrenError('RATE_LIMITED', 'a peer sends frames without end')
        // A link that was closed meanwhile ends by itself.
        await sleep(waitMs, closed).catch(() => undefined)
      }
      const isLong = frame.length >= longBytes
      if (isLong) await turnstile.pass()
      else if (now() - turnBegan > turnMs) await nextTurn()
      if (isLong || now() - turnBegan > turnMs) turnBegan = now()
      yield frame
    }
  }
}
