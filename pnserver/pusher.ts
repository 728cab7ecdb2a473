/** Hands pushes to their push service: so many at a time, so many a minute, and no more than once again. */

import type { PushTarget } from '../protocol/wake.ts'
import { Breaker } from './breaker.ts'
import { pnLimits } from './limits.ts'
import type { Log } from './log.ts'
import type { Counter, Metrics } from './metrics.ts'
import type { PushMessage, PushOutcome, PushProvider } from './push/provider.ts'

export interface PusherDeps {
  readonly providers: readonly PushProvider[]
  readonly metrics: Metrics
  readonly log: Log
  readonly now: () => number
}

/** A push, and who is told that its token is gone. */
export interface Push {
  readonly message: PushMessage
  readonly onGone?: (sinceMs: number | undefined) => Promise<void>
}

interface Turn {
  readonly push: Push
  readonly isAgain: boolean
}

const countedAs: Readonly<Record<PushOutcome['is'], Counter>> = {
  delivered: 'pushes_delivered',
  gone: 'pushes_gone',
  wrongEnvironment: 'pushes_wrong_environment',
  rejectedConfig: 'pushes_rejected',
  later: 'pushes_later',
}

export class Pusher {
  readonly #deps: PusherDeps
  readonly #breaker: Breaker
  readonly #codes: Breaker
  readonly #waiting: Turn[] = []
  readonly #underWay = new Set<Promise<void>>()
  readonly #later = new Set<NodeJS.Timeout>()
  readonly #closing = new AbortController()

  constructor(deps: PusherDeps, mostAMinute: number) {
    this.#deps = deps
    this.#breaker = new Breaker(mostAMinute, () => {
      deps.metrics.count('breaker_trips')
      deps.log('error', 'more pushes in a minute than are allowed: the rest of it is dropped', { mostAMinute })
    })
    const { codesPart, codesAMinute } = pnLimits
    this.#codes = new Breaker(Math.min(Math.ceil(mostAMinute * codesPart), codesAMinute), () => {
      deps.log('error', 'more codes in a minute than are allowed: somebody may be registering tokens that they made up')
    })
    deps.metrics.gauge('pushes_waiting', () => this.#waits)
    deps.metrics.gauge('pushes_under_way', () => this.#underWay.size)
  }

  /** Whether there is a provider that would send there. */
  accepts(target: PushTarget): boolean {
    return this.#providerOf(target)?.accepts(target) ?? false
  }

  /** Whether one more code may be pushed: strangers cause them, and take no more than their part from those who are woken. */
  admitsCode(): boolean {
    const isAdmitted = this.#codes.admit(this.#deps.now())
    if (!isAdmitted) this.#deps.metrics.count('codes_dropped')
    return isAdmitted
  }

  /** Takes a push, or drops it where there are too many. Never throws, never waits. */
  push(push: Push): void {
    const { metrics, now } = this.#deps
    if (this.#closing.signal.aborted || !this.#breaker.admit(now()) || this.#waits >= pnLimits.pushesWaiting) {
      metrics.count('pushes_dropped')
      return
    }
    metrics.count('pushes')
    this.#waiting.push({ push, isAgain: false })
    this.#next()
  }

  /** Once all that is under way or waits has ended, but for what is tried later. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Once all that is under way has ended, which close() of the providers hastens. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#waiting.length = 0
    for (const timer of this.#later) clearTimeout(timer)
    await Promise.all(this.#underWay)
    await Promise.all(this.#deps.providers.map((each) => each.close()))
  }

  #providerOf({ platform }: PushTarget): PushProvider | undefined {
    return this.#deps.providers.find((each) => each.platform === platform)
  }

  /** Those for which it is not time yet, too: a push service that asks for quiet asks that of all at once. */
  get #waits(): number {
    return this.#waiting.length + this.#later.size
  }

  #next(): void {
    while (this.#underWay.size < pnLimits.pushesAtOnce) {
      const turn = this.#waiting.shift()
      if (turn === undefined) return
      this.#start(turn)
    }
  }

  #start({ push, isAgain }: Turn): void {
    const done = this.#attempt(push, isAgain).finally(() => {
      this.#underWay.delete(done)
      this.#next()
    })
    this.#underWay.add(done)
  }

  async #attempt(push: Push, isAgain: boolean): Promise<void> {
    try {
      await this.#send(push, isAgain)
    } catch {
      this.#deps.metrics.count('pushes_failed')
      this.#deps.log('error', 'a push ended in an error of this program')
    }
  }

  async #send(push: Push, isAgain: boolean): Promise<void> {
    const { metrics, log } = this.#deps
    const provider = this.#providerOf(push.message)
    // Rows may be older than what this server serves today.
    if (provider === undefined || !provider.accepts(push.message)) return metrics.count('pushes_rejected')
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(pnLimits.pushTimeoutMs)])
    const outcome = await provider.send(push.message, signal)
    // Nobody but a stranger may be to blame for it: that is no alarm.
    if (outcome.is === 'rejectedConfig' && push.message.class === 'verify') return metrics.count('codes_refused')
    metrics.count(countedAs[outcome.is])
    if (outcome.is === 'gone') await push.onGone?.(outcome.sinceMs)
    if (outcome.is === 'rejectedConfig') {
      log('error', 'a push service refuses the keys or topics of this server', { reason: outcome.reason })
    }
    if (outcome.is === 'later' && !isAgain) this.#tryLater(push, outcome.retryAfterMs)
  }

  #tryLater(push: Push, afterMs: number): void {
    if (afterMs > pnLimits.pushLaterMs || this.#closing.signal.aborted) return
    if (this.#waits >= pnLimits.pushesWaiting) return this.#deps.metrics.count('pushes_dropped')
    const timer = setTimeout(() => {
      this.#later.delete(timer)
      this.#waiting.push({ push, isAgain: true })
      this.#next()
    }, afterMs)
    timer.unref()
    this.#later.add(timer)
  }
}
