/** Pushes to iPhones through Apple: HTTP/2, a token signed here, tries that end. */

import { randomUUID } from 'node:crypto'
import type { PushEnvironment, PushTarget } from '../../protocol/wake.ts'
import { judge, type ApnsVerdict } from './apns-answer.ts'
import { apnsRequest } from './apns-message.ts'
import { openApnsSession, type ApnsServer, type ApnsSession, type Exchanged } from './apns-session.ts'
import { openProviderToken, type ProviderKey, type ProviderToken } from './provider-token.ts'
import type { PushMessage, PushOutcome, PushProvider } from './provider.ts'
import { later, Quiet, tryAgain, type TriesDeps } from './tries.ts'
import { Runs, systemTimers, type Timers } from './waiting.ts'

export interface ApnsOptions {
  readonly key: ProviderKey
  /** Bundle ids of the apps that are served. */
  readonly topics: readonly string[]
  /** Apple's, unless a test has its own. */
  readonly servers?: Readonly<Record<PushEnvironment, ApnsServer>>
}

const appleServers: Readonly<Record<PushEnvironment, ApnsServer>> = {
  production: { origin: 'https://api.push.apple.com' },
  sandbox: { origin: 'https://api.sandbox.push.apple.com' },
}

/** Bytes; Apple says that the length may change, and today it is 32. */
const tokenBytes = { least: 8, most: 100 } as const

const otherOf = (environment: PushEnvironment): PushEnvironment =>
  environment === 'production' ? 'sandbox' : 'production'

/** One of Apple's two servers, and at most one connection that takes requests. */
class Side {
  readonly origin: string
  readonly #server: ApnsServer
  readonly #timers: Timers
  #session: ApnsSession | undefined
  #opening: Promise<ApnsSession | undefined> | undefined
  readonly #closing = new AbortController()

  constructor(server: ApnsServer, timers: Timers) {
    this.origin = server.origin
    this.#server = server
    this.#timers = timers
  }

  async exchange(request: Parameters<ApnsSession['exchange']>[0], signal: AbortSignal): Promise<Exchanged> {
    const session = await this.#opened()
    return session === undefined || signal.aborted ? 'lost' : await session.exchange(request, signal)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#session?.close()
    await this.#opening
  }

  /** All who come while one is being opened share what comes of it. */
  async #opened(): Promise<ApnsSession | undefined> {
    if (this.#session?.isUsable === true) return this.#session
    this.#opening ??= this.#open()
    return await this.#opening
  }

  async #open(): Promise<ApnsSession | undefined> {
    const { signal } = this.#closing
    const session = signal.aborted ? undefined : await openApnsSession(this.#server, this.#timers, signal)
    this.#opening = undefined
    this.#session = session
    if (signal.aborted) await session?.close()
    return session
  }
}

export class ApnsProvider implements PushProvider {
  readonly platform = 'apns'
  readonly #topics: ReadonlySet<string>
  readonly #token: ProviderToken
  readonly #sides: Readonly<Record<PushEnvironment, Side>>
  readonly #deps: TriesDeps
  readonly #runs: Runs
  readonly #quiet: Quiet

  constructor(token: ProviderToken, options: ApnsOptions, deps: TriesDeps) {
    const { topics, servers = appleServers } = options
    this.#topics = new Set(topics)
    this.#token = token
    const { timers } = deps
    this.#sides = { production: new Side(servers.production, timers), sandbox: new Side(servers.sandbox, timers) }
    this.#deps = deps
    this.#runs = new Runs(timers)
    this.#quiet = new Quiet(timers)
  }

  accepts({ platform, topic, token }: PushTarget): boolean {
    const isToken = token.length >= tokenBytes.least && token.length <= tokenBytes.most
    return platform === 'apns' && this.#topics.has(topic) && isToken
  }

  async send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome> {
    if (!this.accepts(message)) return { is: 'rejectedConfig', reason: 'not-served' }
    const run = this.#runs.begin(signal)
    if (run === undefined) return later()
    try {
      const { environment } = message
      const first = await this.#sendTo(this.#sides[environment], message, run.signal)
      if (first.is !== 'badToken') return first
      // The same app has tokens of both kinds, and only the side that knows one can say that it is one.
      const second = await this.#sendTo(this.#sides[otherOf(environment)], message, run.signal)
      if (second.is === 'badToken') return { is: 'gone', sinceMs: undefined }
      return second.is === 'delivered' ? { is: 'wrongEnvironment' } : second
    } finally {
      run.end()
    }
  }

  async close(): Promise<void> {
    this.#runs.stop()
    await Promise.all([this.#sides.production.close(), this.#sides.sandbox.close()])
  }

  async #sendTo(side: Side, message: PushMessage, signal: AbortSignal): Promise<PushOutcome | { is: 'badToken' }> {
    const request = apnsRequest(message, randomUUID(), this.#deps.timers.now())
    const ask = async (token: string): Promise<ApnsVerdict> => {
      const headers = { ...request.headers, authorization: `bearer ${token}` }
      const answer = await side.exchange({ ...request, headers }, signal)
      return answer === 'lost' ? { is: 'again', afterMs: undefined } : judge(answer)
    }
    const attempt = async (): Promise<Exclude<ApnsVerdict, { is: 'expired' }>> => {
      const token = await this.#token.current()
      const first = await ask(token)
      if (first.is !== 'expired') return first
      const renewed = await this.#token.after(token)
      const second = renewed === undefined ? first : await ask(renewed)
      return second.is === 'expired' ? { is: 'rejectedConfig', reason: 'ExpiredProviderToken' } : second
    }
    return await tryAgain(attempt, side.origin, this.#quiet, this.#deps, signal)
  }
}

/** Connects to nobody before the first push. Throws BAD_SHAPE for a key that is none. */
export async function openApnsProvider(options: ApnsOptions, deps: Partial<TriesDeps> = {}): Promise<ApnsProvider> {
  const { timers = systemTimers, random = Math.random } = deps
  return new ApnsProvider(await openProviderToken(options.key, timers), options, { timers, random })
}
