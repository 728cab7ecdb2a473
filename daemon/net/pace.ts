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
/** Of the runs of one frame hardly any is signed: one signature is enough for a thousand entries. */
const usualSignatures = 128
/** A signature takes a tenth of a millisecond to check: the link rests three times as long for each of those that are too many. */
const signatureRestMs = 0.3
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

export class Pace {
  readonly #deps: PaceDeps
  readonly #work: TokenBucket
  readonly #patience: TokenBucket
  readonly #signatures: TokenBucket
  #restMs = 0
  /** When this link began with what it does in this turn of the event loop. */
  #turnBegan: number | undefined

  constructor(deps: PaceDeps) {
    const now = deps.now()
    this.#deps = deps
    this.#work = new TokenBucket(limits.frameUnits, limits.frameUnitsPerSecond, now)
    this.#signatures = new TokenBucket(limits.frameSignatures, 1000 / signatureRestMs, now)
    this.#patience = new TokenBucket(limits.floodPatienceMs, (limits.floodPatienceMs * 1000) / minuteMs, now)
  }

  /** The last frame brought so many signatures, which were checked without a pause. Now and then many come at once: the operations of a group. */
  checked(signatures: number): void {
    this.#restMs =
      signatures <= usualSignatures ? 0 : this.#signatures.owe(signatures - usualSignatures, this.#deps.now())
  }

  /** Throws RATE_LIMITED where the peer had to be held back for limits.floodPatienceMs of a minute. */
  async *frames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const frame of source) {
      // A promise that is there already takes its time too, which somebody who waits for a tick would pay.
      const held = this.#hold(frame)
      if (held !== undefined) await held
      const turn = this.#turn(frame)
      if (turn !== undefined) await turn
      yield frame
    }
  }

  /** Undefined if nothing is to be waited for. */
  #hold(frame: Uint8Array): Promise<void> | undefined {
    const owedMs = this.#work.owe(frameWork(frame), this.#deps.now())
    const waitMs = Math.max(owedMs, this.#restMs)
    return waitMs <= leastWaitMs ? undefined : this.#rest(owedMs, waitMs)
  }

  async #rest(owedMs: number, waitMs: number): Promise<void> {
    const { now, sleep, closed } = this.#deps
    const begun = now()
    // A link that was closed meanwhile ends by itself.
    await sleep(waitMs, closed).catch(() => undefined)
    if (owedMs > leastWaitMs && !this.#patience.take(now() - begun, now())) {
      throw new WarrenError('RATE_LIMITED', 'a peer sends frames without end')
    }
  }

  /** Undefined if it is this link's turn. */
  #turn(frame: Uint8Array): Promise<void> | undefined {
    const { now, turnstile } = this.#deps
    if (frame.length >= longBytes) return this.#begin(turnstile.pass())
    return now() - this.#began() > turnMs ? this.#begin(nextTurn()) : undefined
  }

  async #begin(turn: Promise<void>): Promise<void> {
    await turn
    this.#began()
  }

  /** Whenever the loop turns by itself, for nothing was there to read or the reader waited, everything else has had its turn. */
  #began(): number {
    if (this.#turnBegan !== undefined) return this.#turnBegan
    this.#turnBegan = this.#deps.now()
    setImmediate(() => {
      this.#turnBegan = undefined
    })
    return this.#turnBegan
  }
}
