/**
 * Stands in for Apple's push server: HTTP/2 over TLS with certificates of its own, the checks that Apple documents, one stream
 * until a provider has shown who it is, and on demand every kind of failure.
 */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { judgeRequest, type ApnsDevice } from './apns-rules.ts'
import { ProviderTokens, type ProviderKey } from './apns-tokens.ts'
import type { Reason, Refusal } from './apns-refusals.ts'
import { createCertificates } from './certificate.ts'
import { openStallProxy, type StallProxy } from './stall-proxy.ts'
import { Watch } from './watch.ts'

/**
 * What one request meets, before any check. `reset` and `refuse` end its stream; `goaway` ends the connection's use with this
 * request unread; `cut` resets the connection; `freeze` leaves it open and mute; `silence` is about this request only.
 */
export type Mishap = Refusal | 'reset' | 'refuse' | 'goaway' | 'cut' | 'freeze' | 'silence'

export interface ApnsStandInOptions {
  readonly keys: readonly ProviderKey[]
  readonly topics: readonly string[]
  readonly isSandbox?: boolean
  /** Epoch milliseconds. */
  readonly now?: () => number
  /** Streams at a time once the provider is known; one before that. */
  readonly streams?: number
}

/** A notification as it would reach a device. */
export interface ApnsPush {
  readonly id: string
  readonly token: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly payload: unknown
}

const defaultStreams = 1000

export class ApnsStandIn {
  /** What a provider has to trust, PEM. */
  readonly ca: string
  /** By token, in hex. */
  readonly devices = new Map<string, ApnsDevice>()
  /** What was accepted. */
  readonly pushes: ApnsPush[] = []
  /** One for each request that was answered: 200 or a reason. */
  readonly answers: (Reason | 200)[] = []
  /** For the next requests, one each, in the order of their arrival. */
  readonly mishaps: Mishap[] = []
  readonly tokens: ProviderTokens
  /** Requests that arrived, answered or not; the most that were open on one connection. */
  requests = 0
  mostStreams = 0
  readonly #options: ApnsStandInOptions
  readonly #server: Http2SecureServer
  readonly #sessions = new Set<Http2Session>()
  /** Those over which a good provider token came. */
  readonly #known = new WeakSet<Http2Session>()
  readonly #streams = new Map<Http2Session, number>()
  #door: StallProxy | undefined
  #gate: Promise<void> = Promise.resolve()
  readonly #watch = new Watch()

  constructor(options: ApnsStandInOptions) {
    const { ca, cert, key } = createCertificates()
    this.ca = ca
    this.#options = options
    this.tokens = new ProviderTokens(options.keys, options.now ?? Date.now)
    this.#server = createSecureServer({ cert, key, allowHTTP1: false, settings: { maxConcurrentStreams: 1 } })
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => undefined)
    })
    this.#server.on(
      'stream',
      (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
        stream.on('error', () => undefined)
        const names = raw.filter((_, at) => at % 2 === 0)
        void this.#take(stream, headers, names).catch(() => undefined)
      },
    )
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#door = await openStallProxy((this.#server.address() as AddressInfo).port)
  }

  get door(): StallProxy {
    if (this.#door === undefined) throw new Error('listen() first')
    return this.#door
  }

  /** `localhost:<port>` */
  get address(): string {
    return `localhost:${this.door.port}`
  }

  /** Answers nothing until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    return resolve
  }

  /** Resolves when so many requests have arrived. */
  async arrived(count: number): Promise<void> {
    await this.#watch.until(() => this.requests >= count)
  }

  /** Resolves when so many have reached devices. */
  async delivered(count: number): Promise<void> {
    await this.#watch.until(() => this.pushes.length >= count)
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy()
    await this.#door?.close()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, names: readonly string[]): Promise<void> {
    const { session } = stream
    if (session === undefined) return
    this.requests += 1
    this.#watch.changed()
    const open = (this.#streams.get(session) ?? 0) + 1
    this.#streams.set(session, open)
    this.mostStreams = Math.max(this.mostStreams, open)
    stream.on('close', () => this.#streams.set(session, (this.#streams.get(session) ?? 1) - 1))
    const mishap = this.mishaps.shift()
    if (typeof mishap === 'string') {
      this.#befall(stream, session, mishap)
      return
    }
    const body = await buffer(stream)
    await this.#gate
    const authorize = (): Refusal | undefined => {
      const refusal = this.tokens.judge(headers.authorization)
      if (refusal === undefined && !this.#known.has(session) && !session.destroyed) {
        this.#known.add(session)
        session.settings({ maxConcurrentStreams: this.#options.streams ?? defaultStreams })
      }
      return refusal
    }
    const world = { devices: this.devices, topics: this.#options.topics }
    this.#answer(stream, headers, mishap ?? judgeRequest({ headers, names, body }, world, authorize), body)
  }

  #befall(stream: ServerHttp2Stream, session: Http2Session, mishap: Exclude<Mishap, Refusal>): void {
    switch (mishap) {
      case 'reset':
        stream.close(constants.NGHTTP2_INTERNAL_ERROR)
        break
      case 'refuse':
        stream.close(constants.NGHTTP2_REFUSED_STREAM)
        break
      case 'goaway':
        // Node takes 0 for "the last one that came", so the first request of a connection has to be refused by itself.
        if (stream.id === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM)
        session.goaway(
          constants.NGHTTP2_NO_ERROR,
          Math.max(0, (stream.id ?? 1) - 2),
          Buffer.from('{"reason":"Shutdown"}'),
        )
        break
      case 'cut':
        this.door.cut()
        break
      case 'freeze':
        this.door.freeze()
        break
      case 'silence':
        break
    }
  }

  #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, refusal: Refusal | undefined, body: Buffer): void {
    if (stream.destroyed) return
    const id = headers['apns-id']?.toString().toUpperCase() ?? randomUUID().toUpperCase()
    this.answers.push(refusal?.reason ?? 200)
    if (refusal === undefined) {
      this.pushes.push({
        id,
        token: headers[':path']?.replace('/3/device/', '') ?? '',
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
        payload: JSON.parse(body.toString()),
      })
      const unique = this.#options.isSandbox === true ? { 'apns-unique-id': randomUUID() } : {}
      stream.respond({ ':status': 200, 'apns-id': id, ...unique })
      stream.end()
      this.#watch.changed()
      return
    }
    const { status, reason, timestamp, retryAfter } = refusal
    const retry = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
    stream.respond({ ':status': status, 'apns-id': id, 'content-type': 'application/json', ...retry })
    stream.end(JSON.stringify({ reason, ...(timestamp === undefined ? {} : { timestamp }) }))
  }
}

/** One that listens. */
export async function openApnsStandIn(options: ApnsStandInOptions): Promise<ApnsStandIn> {
  const standIn = new ApnsStandIn(options)
  await standIn.listen()
  return standIn
}
