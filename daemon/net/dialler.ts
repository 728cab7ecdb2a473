/** Keeps trying to link with the devices it is told to keep: at once when there is reason to, else ever more rarely. */

import { errorCode } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { isCutOff } from './dial-error.ts'
import { inBackground } from './race-signal.ts'
import type { Times } from './times.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * How an attempt ended: linked, or the peer does not want a link yet and the connection is held. On a held one the next
 * attempt says hello again: that shows whether the peer is still there, and repeats the wish.
 */
export type Attempt = 'linked' | 'held'

export interface DiallerDeps {
  /** Connects, says hello and links. Rejects if nobody is there; the signal ends it. */
  readonly connect: (device: DeviceId, signal: AbortSignal) => Promise<Attempt>
  readonly linked: (device: DeviceId) => boolean
  /** In [0, 1). */
  readonly random: () => number
}

interface Kept {
  failures: number
  timer: NodeJS.Timeout | undefined
  dueAt: number
  attempt: AbortController | undefined
  endedAt: number
  /** The peer turned us away or sent nonsense: no hurry. */
  refused: boolean
  /** Somebody is there, but the gate had no room. */
  crowded: boolean
  /** Something was learnt while an attempt was under way. */
  news: boolean
  readonly hearsay: TokenBucket
}

/** Codes after which trying again soon is a nuisance. */
const refusals: readonly string[] = ['NOT_ALLOWED', 'BLOCKED', 'DUPLICATE_DEVICE', 'IDENTITY_MISMATCH']
/** Dials at the same time: a mesh that starts together must not drown itself. */
const mostAttempts = 16

export class Dialler {
  readonly #deps: DiallerDeps
  readonly #times: Times
  readonly #kept = new Map<DeviceId, Kept>()
  /** Due, and waiting for others to end. */
  readonly #waiting = new Set<DeviceId>()
  #first: DeviceId | undefined
  #running = 0
  #stopped = false

  constructor(deps: DiallerDeps, times: Times) {
    this.#deps = deps
    this.#times = times
  }

  keeps(device: DeviceId): boolean {
    return this.#kept.has(device)
  }

  devices(): IterableIterator<DeviceId> {
    return this.#kept.keys()
  }

  /** Before all others once it is kept, until a link with it stands. */
  first(device: DeviceId): void {
    this.#first = device
    this.soon(device, 0)
  }

  /** From now on these, and no others. */
  keep(devices: readonly DeviceId[]): void {
    const wanted = new Set(devices)
    for (const [device, kept] of this.#kept) {
      if (wanted.has(device)) continue
      clearTimeout(kept.timer)
      kept.attempt?.abort()
      this.#kept.delete(device)
      this.#waiting.delete(device)
    }
    const isFirst = this.#first !== undefined && wanted.has(this.#first)
    for (const device of isFirst ? [this.#first as DeviceId, ...wanted] : wanted) {
      if (this.#kept.has(device)) continue
      this.#kept.set(device, {
        failures: 0,
        timer: undefined,
        dueAt: Infinity,
        attempt: undefined,
        endedAt: -Infinity,
        refused: false,
        crowded: false,
        news: false,
        hearsay: new TokenBucket(limits.addressNewsPerMinute, limits.addressNewsPerMinute / 60, performance.now()),
      })
      this.soon(device, 0)
    }
  }

  /** There is news of a device (`fresh`), or just a sign of life: tries within moments, unless it was just tried or said no. */
  soon(device: DeviceId, delayMs: number, fresh = true): void {
    const kept = this.#kept.get(device)
    if (kept === undefined) return
    const rested = performance.now() - kept.endedAt
    if (!fresh && (kept.refused || rested < 2000)) return
    if (fresh) kept.failures = 0
    kept.news ||= fresh
    this.#schedule(device, kept, delayMs)
  }

  /** Somebody says where a device is, truly or not: `fresh` is believed limits.addressNewsPerMinute times a minute. */
  heardOf(device: DeviceId, delayMs: number, fresh: boolean): void {
    const hearsay = this.#kept.get(device)?.hearsay
    this.soon(device, delayMs, fresh && hearsay?.take(1, performance.now()) === true)
  }

  /** The network changed: everyone, spread over a moment. */
  all(): void {
    for (const device of this.#kept.keys())
      this.soon(device, this.#deps.random() * Math.min(2000, this.#kept.size * 20))
  }

  /** A link or a held connection ended. */
  lost(device: DeviceId, refused: boolean): void {
    const kept = this.#kept.get(device)
    if (kept === undefined || kept.attempt !== undefined) return
    kept.refused = refused
    this.#backOff(device, kept)
  }

  stop(): void {
    this.#stopped = true
    this.keep([])
  }

  #schedule(device: DeviceId, kept: Kept, delayMs: number): void {
    const dueAt = performance.now() + delayMs
    if (this.#stopped || kept.attempt !== undefined || kept.dueAt <= dueAt) return
    clearTimeout(kept.timer)
    kept.dueAt = dueAt
    kept.timer = setTimeout(() => this.#start(device, kept), delayMs).unref()
  }

  #start(device: DeviceId, kept: Kept): void {
    kept.dueAt = Infinity
    kept.timer = undefined
    if (this.#deps.linked(device)) return
    if (this.#running < mostAttempts) inBackground(this.#attempt(device, kept), () => undefined)
    else this.#waiting.add(device)
  }

  #startNext(): void {
    for (const device of this.#waiting) {
      if (this.#running >= mostAttempts) return
      this.#waiting.delete(device)
      const kept = this.#kept.get(device)
      if (kept !== undefined && kept.attempt === undefined) this.#start(device, kept)
    }
  }

  async #attempt(device: DeviceId, kept: Kept): Promise<void> {
    const attempt = new AbortController()
    kept.attempt = attempt
    kept.news = false
    this.#running += 1
    try {
      const how = await this.#deps.connect(device, attempt.signal)
      kept.refused = how === 'held'
      kept.crowded = false
      if (how === 'linked') kept.failures = 0
    } catch (error) {
      kept.refused = refusals.includes(errorCode(error))
      kept.crowded = isCutOff(error)
    } finally {
      this.#running -= 1
      kept.attempt = undefined
      kept.endedAt = performance.now()
      this.#startNext()
    }
    if (this.#kept.get(device) !== kept || this.#deps.linked(device)) return
    if (kept.news) this.#schedule(device, kept, this.#times.reconnectFirstMs / 4)
    else this.#backOff(device, kept)
  }

  #backOff(device: DeviceId, kept: Kept): void {
    const { reconnectFirstMs, reconnectMostMs, crowdedMostMs, refusedMs } = this.#times
    const least = kept.refused ? refusedMs : reconnectFirstMs
    const longest = kept.crowded ? Math.min(crowdedMostMs, reconnectMostMs) : reconnectMostMs
    const most = Math.max(least, Math.min(longest, reconnectFirstMs * 2 ** kept.failures))
    kept.failures = Math.min(kept.failures + 1, 30)
    this.#schedule(device, kept, most * (0.5 + this.#deps.random() / 2))
  }
}
