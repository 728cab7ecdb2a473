/** A real API on real sockets over a fake owner, and a browser's way to it. */

import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { createApi, type Api } from '../../daemon/api/api.ts'
import { listenApi, type ApiListeners, type Times } from '../../daemon/api/listen.ts'
import type { SessionRow, SessionStore } from '../../daemon/api/sessions/session-store.ts'
import type { StaticFiles } from '../../daemon/api/static.ts'
import { socketPath } from '../../daemon/local-socket.ts'
import type { ServerEvent } from '../../protocol/events.ts'
import type { PairAnswer, SessionChallenge } from '../../protocol/http-access.ts'
import { FakeKeys } from './fake-keys.ts'
import { FakeOwner } from './fake-owner.ts'

export class MemorySessions implements SessionStore {
  readonly rows = new Map<string, SessionRow>()
  async all(): Promise<SessionRow[]> {
    return [...this.rows.values()]
  }
  async put(row: SessionRow): Promise<void> {
    this.rows.set(row.id, row)
  }
  async delete(id: string): Promise<void> {
    this.rows.delete(id)
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly bytes: Buffer
  /** The parsed body. */
  readonly body: unknown
}

export interface Asking {
  readonly headers?: OutgoingHttpHeaders
  /** Sent as it is if a string or bytes, else as JSON. */
  readonly body?: unknown
  readonly token?: string
  readonly host?: string
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response) chunks.push(chunk as Uint8Array)
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString('utf8')
  const isJson = text !== '' && response.headers['content-type']?.startsWith('application/json') === true
  const body: unknown = isJson ? JSON.parse(text) : undefined
  return { status: response.statusCode ?? 0, headers: response.headers, text, bytes, body }
}

export interface RunningApi {
  readonly api: Api
  readonly owner: FakeOwner
  readonly keys: FakeKeys
  readonly listeners: ApiListeners
  readonly sessions: MemorySessions
  readonly home: string
  readonly socketPath: string
  readonly clock: { now: number }
  readonly logged: string[]
  readonly stops: string[]
  /** Over TCP, as a browser's page would. Paths begin behind /api/v1. */
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Answer>
  /** Over the unix socket. */
  readonly shell: (method: string, path: string, asking?: Asking) => Promise<Answer>
  /** As a proxy would, over the served socket; the Host is the served one unless told otherwise. */
  readonly served: (method: string, path: string, asking?: Asking) => Promise<Answer>
  /** A fresh session's id, secret and bearer token. */
  readonly signIn: () => Promise<Session>
  /** Frees the port; the test's end does the same. */
  readonly close: () => Promise<void>
  /** Proves a session once more. */
  readonly prove: (session: PairAnswer) => Promise<string>
}

export interface Session extends PairAnswer {
  readonly token: string
}

export interface RunningApiOptions {
  readonly home?: string
  readonly files?: StaticFiles
  readonly open?: boolean
  readonly port?: number
  readonly times?: Times
  /** Also behind a proxy. */
  readonly served?: { readonly socket: string; readonly origin: string }
}

export const hmac = (secret: string, text: string): string =>
  createHmac('sha256', Buffer.from(secret, 'base64url')).update(text).digest('base64url')

/** A short folder that goes with the test: unix sockets have short paths. */
export function shortFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'w-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function send(where: object, method: string, path: string, asking: Asking, host: string): Promise<Answer> {
  const { body, token, headers } = asking
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const sent = isRaw ? body : JSON.stringify(body)
  const asked = request({
    ...where,
    agent: false,
    method,
    path: path.startsWith('/') && !path.startsWith('//') ? `/api/v1${path}` : path.slice(1),
    headers: {
      host: asking.host ?? host,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  })
  asked.on('error', () => undefined) // an early answer may come with a cut connection
  asked.end(sent)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return await read(response)
}

/** Everything is closed with the test. */
export async function runApi(t: Test, options: RunningApiOptions = {}): Promise<RunningApi> {
  const owner = new FakeOwner('alice')
  const home = options.home ?? shortFolder(t)
  const clock = { now: Date.now() }
  const logged: string[] = []
  const stops: string[] = []
  const sessions = new MemorySessions()
  const api = createApi(
    {
      bus: owner.bus,
      log: (level, text, fields) => logged.push(JSON.stringify({ level, text, ...fields })),
      now: () => clock.now,
      random: (bytes) => randomBytes(bytes),
      stop: () => stops.push('stop'),
    },
    {
      version: '9.9.9',
      files: options.files ?? new Map(),
      ...(options.served === undefined ? {} : { servedOrigin: options.served.origin }),
    },
  )
  const listeners = await listenApi(
    api,
    {
      port: options.port ?? 0,
      home,
      ...(options.times === undefined ? {} : { times: options.times }),
      ...(options.served === undefined ? {} : { serveSocket: options.served.socket }),
    },
    (level, text) => logged.push(`${level} ${text}`),
  )
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    api.setStatus('closing')
    await (closing ??= listeners.close())
  }
  t.teardown(close)
  const keys = new FakeKeys({ unlocked: () => api.unlocked(owner), locked: () => api.locked() })
  if (options.open !== false) {
    await api.open({ sessions, keys })
    api.unlocked(owner)
  }
  const { port } = listeners
  const tcp = { host: '127.0.0.1', port }
  const ask: RunningApi['ask'] = async (method, path, asking = {}) =>
    await send(tcp, method, path, asking, `127.0.0.1:${port}`)
  const shell: RunningApi['shell'] = async (method, path, asking = {}) =>
    await send({ socketPath: socketPath(home) }, method, path, asking, 'localhost')
  const served: RunningApi['served'] = async (method, path, asking = {}) =>
    await send({ socketPath: options.served?.socket }, method, path, asking, new URL(options.served?.origin ?? '').host)
  const prove = async ({ sessionId, secret }: PairAnswer): Promise<string> => {
    const nonce = randomBytes(16).toString('base64url')
    const hello = await ask('POST', '/session/hello', { body: { sessionId, nonce } })
    if (hello.status !== 200) throw new Error(hello.text)
    const challenge = hello.body as SessionChallenge
    const sign = (who: string): string => hmac(secret, `warren/1/${who}\0${sessionId}\0${nonce}\0${challenge.nonce}`)
    if (challenge.proof !== sign('daemon')) throw new Error('the daemon did not prove itself')
    const body = { sessionId, nonce: challenge.nonce, proof: sign('page') }
    const proved = await ask('POST', '/session/prove', { body })
    if (proved.status !== 204) throw new Error(proved.text)
    return sign('token')
  }
  const signIn = async (): Promise<Session> => {
    const code = new URL(api.issueCode(false).url).hash.replace('#code=', '')
    const nonce = randomBytes(16).toString('base64url')
    const paired = await ask('POST', '/session/pair', { body: { code, nonce, label: 'Test' } })
    const session = paired.body as PairAnswer
    return { ...session, token: await prove(session) }
  }
  return {
    api,
    owner,
    keys,
    listeners,
    sessions,
    home,
    socketPath: socketPath(home),
    clock,
    logged,
    stops,
    close,
    ask,
    shell,
    served,
    signIn,
    prove,
  }
}

/** A WebSocket whose frames are kept in order. */
export class EventReader {
  readonly socket: WebSocket
  readonly #frames: ServerEvent[] = []
  #wake: (() => void) | undefined
  /** The close code, once closed. */
  readonly closed: Promise<number>

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => {
      this.#frames.push(JSON.parse(data.toString('utf8')) as ServerEvent)
      this.#wake?.()
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => resolve(code))
    })
  }

  async next(): Promise<ServerEvent> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) return frame
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Skips to the first event of this type. */
  async until<T extends ServerEvent['type']>(type: T): Promise<Extract<ServerEvent, { type: T }>> {
    for (;;) {
      const event = await this.next()
      if (event.type === type) return event as Extract<ServerEvent, { type: T }>
    }
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }
}

/** Opens /events as the page does, and authenticates unless `auth` is null. */
export async function openEvents(t: Test, running: RunningApi, auth: object | null): Promise<EventReader> {
  const host = `127.0.0.1:${running.listeners.port}`
  const socket = new WebSocket(`ws://${host}/api/v1/events`, { origin: `http://${host}` })
  t.teardown(() => socket.terminate())
  const reader = new EventReader(socket)
  await once(socket, 'open')
  if (auth !== null) reader.send({ type: 'auth', ...auth })
  return reader
}
