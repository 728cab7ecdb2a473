/** A push server on real sockets, with a store and a push service of the test's own, and a clock that can be set. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { createLog } from '../../../pnserver/log.ts'
import { startPnserver, type RunningPnserver, type StartOptions } from '../../../pnserver/start.ts'
import { openStore } from '../../../pnserver/store/open-store.ts'
import type { PushStore } from '../../../pnserver/store/store.ts'
import { FakeProvider } from './fake-provider.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly text: string
  readonly json: Record<string, unknown>
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or bytes as they are. */
  readonly body?: unknown
  readonly agent?: Agent
}

/** One request over HTTP. */
export async function ask(url: string, { method = 'GET', headers = {}, body, agent }: Asking = {}): Promise<Answer> {
  const asked = request(url, { method, headers, ...(agent === undefined ? {} : { agent }) })
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  if (body instanceof Uint8Array) asked.end(body)
  else asked.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = await answered
  const all = await text(response)
  const json = (all.startsWith('{') ? JSON.parse(all) : {}) as Record<string, unknown>
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    text: all,
    json,
  }
}

export interface Rig {
  readonly server: RunningPnserver
  readonly store: PushStore
  readonly apple: FakeProvider
  readonly browsers: FakeProvider
  readonly logged: string[]
  readonly secret: Uint8Array
  /** Milliseconds by which the server's clock is ahead. */
  readonly clock: { aheadMs: number }
  readonly now: () => number
  readonly post: (path: string, body: unknown, asking?: Asking) => Promise<Answer>
}

export interface RigOptions extends Partial<StartOptions> {
  readonly folder?: string
  readonly redis?: string
}

/** Every request comes from an address of its own choice by `x-forwarded-for`, for loopback is trusted. */
export async function startRig(t: Test, { folder, redis, ...over }: RigOptions = {}): Promise<Rig> {
  const secret = over.secrets?.[0] ?? randomBytes(32)
  const store = await openStore({
    store: redis ?? (folder === undefined ? 'memory' : 'level'),
    folder: folder ?? '',
    secret,
    onError: () => undefined,
  })
  const [apple, browsers] = [new FakeProvider('apns'), new FakeProvider('webpush')]
  const clock = { aheadMs: 0 }
  const now = (): number => Date.now() + clock.aheadMs
  const logged: string[] = []
  const options: StartOptions = {
    host: '127.0.0.1',
    port: 0,
    metricsPort: 0,
    origin: undefined,
    secrets: [secret],
    trustProxy: ['127.0.0.1'],
    pushesAMinute: 1_000_000,
    version: '0.0.0',
    ...over,
  }
  const server = await startPnserver(options, {
    store,
    providers: [apple, browsers],
    platforms: { apns: { topics: ['org.example.warren'] }, webpush: { publicKey: 'BA' } },
    log: createLog((line) => logged.push(line), now),
    now,
  })
  t.teardown(() => server.close())
  const post = async (path: string, body: unknown, asking: Asking = {}): Promise<Answer> =>
    await ask(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body, ...asking })
  return { server, store, apple, browsers, logged, secret, clock, now, post }
}
