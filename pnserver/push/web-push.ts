/** Pushes to browsers through the push services of their makers (RFC 8030). */

import { randomBytes } from 'node:crypto'
import { readSubscription, type PushSubscription, type PushTarget } from '../../protocol/wake.ts'
import { pushOriginOf, sealPush, vapidAuthorization, type VapidKey } from '../../protocol/web-push.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { later, Quiet, tryAgain, type Again, type TriesDeps } from './tries.ts'
import { Poster, type PostAnswer } from './poster.ts'
import type { PushMessage, PushOutcome, PushProvider } from './provider.ts'
import { pushLimits, Runs, systemTimers } from './waiting.ts'
import { paddedBytes, webPushHeaders, webPushPlain } from './web-push-message.ts'

export interface WebPushOptions {
  readonly key: VapidKey
  /** Where the operator can be reached by a push service: `mailto:` or `https:`. */
  readonly subject: string
  /** Hosts that are allowed besides those of protocol/web-push.ts, with a port that is not 443. */
  readonly moreHosts?: readonly string[]
  /** Authorities to trust in place of the system's, PEM. */
  readonly ca?: string
}

interface Signed {
  readonly header: string
  /** Epoch milliseconds. */
  readonly renewAt: number
}

const hourMs = 3_600_000
/** RFC 8292 allows a day. */
const signedFor = { expiresMs: 12 * hourMs, renewMs: 6 * hourMs } as const

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

function judge({ status, retryAfterMs }: PostAnswer): PushOutcome | Again {
  if (status >= 200 && status < 300) return { is: 'delivered' }
  if (status === 404 || status === 410) return { is: 'gone', sinceMs: undefined }
  if (status === 429) return later(retryAfterMs)
  if (status >= 500) return { is: 'again', afterMs: retryAfterMs }
  if (status < 400) return { is: 'rejectedConfig', reason: 'redirected' }
  return { is: 'rejectedConfig', reason: status === 401 || status === 403 ? 'unauthorized' : 'refused' }
}

export class WebPushProvider implements PushProvider {
  readonly platform = 'webpush'
  readonly #options: WebPushOptions
  readonly #deps: TriesDeps
  readonly #poster: Poster
  readonly #runs: Runs
  readonly #quiet: Quiet
  /** By origin of the push service. */
  readonly #signed = new Map<string, Signed>()

  /** Throws BAD_SHAPE for a subject that push services refuse. */
  constructor(options: WebPushOptions, deps: Partial<TriesDeps> = {}) {
    const { timers = systemTimers, random = Math.random } = deps
    if (!/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(options.subject)) {
      throw new WarrenError('BAD_SHAPE', 'push services want a mailto: or https: address of the operator')
    }
    this.#options = options
    this.#deps = { timers, random }
    this.#poster = new Poster(timers, options.ca)
    this.#runs = new Runs(timers)
    this.#quiet = new Quiet(timers)
  }

  accepts(target: PushTarget): boolean {
    return this.#readTarget(target) !== undefined
  }

  async send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome> {
    const to = this.#readTarget(message)
    if (to === undefined) return { is: 'rejectedConfig', reason: 'not-served' }
    const run = this.#runs.begin(signal)
    if (run === undefined) return later()
    try {
      return await this.#sendTo(to, message, run.signal)
    } finally {
      run.end()
    }
  }

  async close(): Promise<void> {
    this.#runs.stop()
    this.#poster.close()
  }

  #readTarget({
    platform,
    environment,
    topic,
    token,
  }: PushTarget): (PushSubscription & { origin: string }) | undefined {
    if (platform !== 'webpush' || environment !== 'production' || topic !== '') return undefined
    try {
      const subscription = readSubscription(token)
      const origin = pushOriginOf(subscription.endpoint, this.#options.moreHosts)
      return origin === undefined ? undefined : { ...subscription, origin }
    } catch {
      return undefined
    }
  }

  async #sendTo(
    to: PushSubscription & { origin: string },
    message: PushMessage,
    signal: AbortSignal,
  ): Promise<PushOutcome> {
    let body: Uint8Array
    try {
      body = sealPush(to, webPushPlain(message), random, paddedBytes)
    } catch {
      // A point that is not on the curve is no browser's: nobody can ever read what is sent there.
      return { is: 'gone', sinceMs: undefined }
    }
    const attempt = async (): Promise<PushOutcome | Again> => {
      const headers = { ...webPushHeaders(message), authorization: this.#authorization(to.origin) }
      const answer = await this.#poster.post(to.endpoint, headers, body, signal)
      return answer === 'lost' ? { is: 'again', afterMs: undefined } : judge(answer)
    }
    return await tryAgain(attempt, to.origin, this.#quiet, this.#deps, signal)
  }

  /** One for each push service, and the same for hours: signing costs as much as all else. */
  #authorization(origin: string): string {
    const now = this.#deps.timers.now()
    const known = this.#signed.get(origin)
    if (known !== undefined && now < known.renewAt) return known.header
    const { key, subject } = this.#options
    const expiresAt = Math.floor((now + signedFor.expiresMs) / 1000)
    const header = vapidAuthorization(key, { origin, subject, expiresAt })
    if (this.#signed.size >= pushLimits.quietServers) this.#signed.clear()
    this.#signed.set(origin, { header, renewAt: now + signedFor.renewMs })
    return header
  }
}
