/** What is done for a wake, after it was answered: nobody who sent it can tell what. */

import { setImmediate as turn } from 'node:timers/promises'
import { openTarget, readWakeBody, rowIdOf, sealTarget, type Wake, type WakeTarget } from '../protocol/wake.ts'
import { hashTarget, type Attestor } from './attest.ts'
import { dayOf } from './days.ts'
import { pnLimits } from './limits.ts'
import type { Log } from './log.ts'
import type { Counter, Metrics } from './metrics.ts'
import type { Pusher } from './pusher.ts'
import type { PushStore } from './store/store.ts'

export interface WakesDeps {
  readonly store: PushStore
  readonly attestor: Attestor
  readonly pusher: Pusher
  readonly metrics: Metrics
  readonly log: Log
  readonly now: () => number
}

interface Arrived {
  readonly body: Uint8Array
  /** Of whoever sent it, as the limits count them. */
  readonly address: Uint8Array
}

const nobody = new Uint8Array(32)
/** Opened in place of a row that is not there: what is unknown costs as much as what is known. */
const decoy = sealTarget(
  nobody,
  { platform: 'apns', environment: 'production', topic: '', token: nobody, attestation: new Uint8Array(53) },
  nobody,
)

/** What a capability opens, or undefined: tried in any case. */
function open(capability: Uint8Array, sealed: Uint8Array | undefined): WakeTarget | undefined {
  try {
    return openTarget(capability, sealed === undefined || sealed.length === 0 ? decoy : sealed)
  } catch {
    return undefined
  }
}

export class Wakes {
  readonly #deps: WakesDeps
  readonly #waiting: Arrived[] = []
  #timer: NodeJS.Timeout | undefined
  /** Undefined while nothing is looked at. What comes meanwhile waits where it is counted. */
  #work: Promise<void> | undefined
  #isClosed = false
  /** Those that are not answered yet, and who waits for that. */
  #expected = 0
  #answered: (() => void) | undefined

  constructor(deps: WakesDeps) {
    this.#deps = deps
    deps.metrics.gauge('wakes_waiting', () => this.#waiting.length)
  }

  /** One that is about to be answered; what it gives back is called once it was. Never throws, never waits. */
  expect(body: Uint8Array, address: Uint8Array): () => void {
    this.#expected += 1
    return () => {
      this.#expected -= 1
      this.#take(body, address)
      if (this.#expected === 0) this.#answered?.()
    }
  }

  /** Once all that came until now was answered and looked at; not before its push was begun. */
  async settled(): Promise<void> {
    while (this.#expected > 0) await new Promise<void>((resolve) => (this.#answered = resolve))
    await this.#work
    clearTimeout(this.#timer)
    this.#tick()
    await this.#work
  }

  /** Once those that are looked at have been; the others are dropped. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#waiting.length = 0
    await this.#work
  }

  #take(body: Uint8Array, address: Uint8Array): void {
    this.#deps.metrics.count('wakes')
    if (this.#isClosed || this.#waiting.length >= pnLimits.wakesWaiting) {
      this.#deps.metrics.count('wakes_dropped')
      return
    }
    this.#waiting.push({ body, address })
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#work !== undefined) return
    const sinceMs = performance.now() % pnLimits.wakeEveryMs
    this.#timer = setTimeout(() => this.#tick(), pnLimits.wakeEveryMs - sinceMs)
  }

  #tick(): void {
    this.#timer = undefined
    this.#work ??= this.#serveAll().finally(() => {
      this.#work = undefined
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  /** Those that wait now; they go on waiting, and are counted, until it is their turn. */
  async #serveAll(): Promise<void> {
    for (let left = this.#waiting.length; left > 0 && !this.#isClosed; left -= pnLimits.wakesAtOnce) {
      const some = this.#waiting.splice(0, Math.min(left, pnLimits.wakesAtOnce))
      await Promise.all(some.map((each) => this.#serve(each)))
      // Requests come between: a store in memory would never let go.
      await turn()
    }
  }

  async #serve(arrived: Arrived): Promise<void> {
    try {
      const failed = await this.#serveOne(arrived)
      if (failed !== undefined) this.#deps.metrics.count(failed)
    } catch {
      this.#deps.metrics.count('wakes_failed')
      this.#deps.log('error', 'the store failed on a wake')
    }
  }

  /** What became of it, if no push did. */
  async #serveOne({ body, address }: Arrived): Promise<Counter | undefined> {
    const { store, now } = this.#deps
    const nowMs = now()
    const from = await store.limits.admit([{ name: 'address', subject: address }], undefined, nowMs)
    if (from.is !== 'admitted') return 'wakes_address_limited'
    const wake = readWake(body)
    if (wake === undefined) return 'wakes_malformed'
    if (Math.abs(nowMs - wake.sentAt) > pnLimits.clockMs) return 'wakes_stale'
    const id = rowIdOf(wake.capability)
    const row = await store.rows.get(id, dayOf(nowMs))
    const target = open(wake.capability, row?.sealed)
    if (target === undefined || row === undefined) return 'wakes_unknown'
    return await this.#wake({ wake, id, target, sealed: row.sealed }, nowMs)
  }

  async #wake(found: Found, nowMs: number): Promise<Counter | undefined> {
    const { store, attestor, pusher } = this.#deps
    const { attestation, ...target } = found.target
    const hashed = hashTarget(target)
    const attested = attestor.check(attestation, hashed, nowMs)
    if (attested === undefined) return 'wakes_unattested'
    const claims = [
      { name: 'capability', subject: found.id },
      { name: 'token', subject: hashed.tokenHash },
    ] as const
    const admission = await store.limits.admit(claims, Buffer.concat([found.id, found.wake.nonce]), nowMs)
    if (admission.is !== 'admitted') return admission.is === 'replayed' ? 'wakes_replayed' : 'wakes_limited'
    pusher.push({
      message: { ...target, class: found.wake.class, note: found.wake.note },
      onGone: async (sinceMs) => {
        // It was registered again since then: the push service speaks of the past.
        if (sinceMs !== undefined && attested.issuedMs > sinceMs) return
        await store.rows.clear(found.id, found.sealed)
      },
    })
    return undefined
  }
}

interface Found {
  readonly wake: Wake
  readonly id: Uint8Array
  readonly target: WakeTarget
  readonly sealed: Uint8Array
}

function readWake(body: Uint8Array): Wake | undefined {
  try {
    return readWakeBody(body)
  } catch {
    return undefined
  }
}
