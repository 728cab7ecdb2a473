/**
 * Stands in for the push service of a browser and for the browser behind it: HTTPS with certificates of its own, the checks of
 * RFC 8030 and RFC 8292 by another library, messages opened by another project's code, and failures on demand.
 */

import { createECDH, randomBytes, type ECDH } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { PushSubscription } from '../../../protocol/wake.ts'
import { openPush } from '../../support/http-ece.ts'
import { createCertificates } from './certificate.ts'
import { openStallProxy, type StallProxy } from './stall-proxy.ts'
import { Watch } from './watch.ts'

/** What one request meets before any check. `cut` resets all connections, `freeze` leaves them open and mute; `reset` breaks off in the middle of the answer's head. */
export type WebPushMishap = { status: number; retryAfter?: string; location?: string } | 'cut' | 'reset' | 'freeze'

/** A message as the browser would have it. */
export interface WebPushArrival {
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly data: unknown
}

const dayMs = 24 * 3_600_000

export class WebPushStandIn {
  /** What a sender has to trust, PEM. */
  readonly ca: string
  readonly arrivals: WebPushArrival[] = []
  /** One for each request that was answered. */
  readonly answers: number[] = []
  readonly mishaps: WebPushMishap[] = []
  requests = 0
  readonly #server: Server
  readonly #now: () => number
  readonly #browser: ECDH = createECDH('prime256v1')
  readonly #secret = randomBytes(16)
  readonly #senderKey: Uint8Array
  readonly #audience: string | undefined
  #door: StallProxy | undefined
  #gate: Promise<void> = Promise.resolve()
  readonly #watch = new Watch()

  /** `senderKey`: what the page gave as `applicationServerKey` when it subscribed. `audience`: the origin that it stands in for; its own, if none is named. */
  constructor(senderKey: Uint8Array, now: () => number, audience?: string) {
    this.#audience = audience
    const { ca, cert, key } = createCertificates()
    this.ca = ca
    this.#senderKey = senderKey
    this.#now = now
    this.#browser.generateKeys()
    this.#server = createServer({ cert, key }, (request, response) => {
      request.on('error', () => undefined)
      response.on('error', () => undefined)
      void this.#take(request, response).catch(() => undefined)
    })
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
  get host(): string {
    return `localhost:${this.door.port}`
  }

  /** What the page hands to whoever is to push to it. */
  subscription(path = '/push/one'): PushSubscription {
    const publicKey = new Uint8Array(this.#browser.getPublicKey())
    return { endpoint: `https://${this.host}${path}`, publicKey, secret: new Uint8Array(this.#secret) }
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

  /** Resolves when so many have reached the browser. */
  async delivered(count: number): Promise<void> {
    await this.#watch.until(() => this.arrivals.length >= count)
  }

  async close(): Promise<void> {
    await this.#door?.close()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    this.#watch.changed()
    const mishap = this.mishaps.shift()
    const body = await buffer(request)
    await this.#gate
    if (mishap === 'cut') this.door.cut()
    else if (mishap === 'freeze') this.door.freeze()
    else if (mishap === 'reset') response.socket?.end('HTTP/1.1 2')
    else if (mishap === undefined) this.#answer(response, await this.#judge(request, body))
    else {
      if (mishap.retryAfter !== undefined) response.setHeader('retry-after', mishap.retryAfter)
      if (mishap.location !== undefined) response.setHeader('location', mishap.location)
      this.#answer(response, mishap.status)
    }
  }

  #answer(response: ServerResponse, status: number): void {
    this.answers.push(status)
    response.writeHead(status).end('{"message":"as told"}')
  }

  async #judge({ method, url, headers }: IncomingMessage, body: Buffer): Promise<number> {
    if (url !== '/push/one') return 404
    if (method !== 'POST') return 405
    if (!/^\d+$/.test(headers['ttl']?.toString() ?? '')) return 400
    if (!/^[\w-]{1,32}$/.test(headers['topic']?.toString() ?? 'none')) return 400
    if (!/^(?:very-low|low|normal|high)$/.test(headers['urgency']?.toString() ?? 'normal')) return 400
    if (headers['content-encoding'] !== 'aes128gcm') return 415
    if (body.length > 4096) return 413
    if (!(await this.#knowsSender(headers.authorization))) return 403
    const data: unknown = JSON.parse(openPush(body, this.#browser, this.#secret).toString())
    this.arrivals.push({ headers, body, data })
    this.#watch.changed()
    return 201
  }

  async #knowsSender(authorization = ''): Promise<boolean> {
    const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? []
    const point = Buffer.from(key, 'base64url')
    if (!point.equals(this.#senderKey)) return false
    const part = (from: number): string => point.subarray(from, from + 32).toString('base64url')
    const keys = createLocalJWKSet({ keys: [{ kty: 'EC', crv: 'P-256', x: part(1), y: part(33) }] })
    const wanted = {
      audience: this.#audience ?? `https://${this.host}`,
      algorithms: ['ES256'],
      currentDate: new Date(this.#now()),
    }
    try {
      const { exp = 0, sub = '' } = (await jwtVerify(token, keys, wanted)).payload
      return exp * 1000 <= this.#now() + dayMs && /^(?:mailto|https):/.test(sub)
    } catch {
      return false
    }
  }
}

/** One that listens. */
export async function openWebPushStandIn(
  senderKey: Uint8Array,
  now: () => number,
  audience?: string,
): Promise<WebPushStandIn> {
  const standIn = new WebPushStandIn(senderKey, now, audience)
  await standIn.listen()
  return standIn
}
