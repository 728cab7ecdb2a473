/** A real daemon to attack: its sockets, bytes as they are, and what must be the same afterwards. */

import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { Client } from '../../daemon/cli/client.ts'
import { startDaemon } from '../../daemon/daemon.ts'
import type { CodeAnswer, PairAnswer, SessionChallenge } from '../../protocol/http-access.ts'
import type { Me } from '../../protocol/http-people.ts'

export interface RawAnswer {
  /** 0 if the connection was cut without an answer. */
  readonly status: number
  /** Lower case. */
  readonly head: string
  readonly body: string
}

/** Words that stand in files around the page, and nowhere else. */
export const planted = 'planted where no request may reach'

function readAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const head = text.slice(0, end < 0 ? text.length : end).toLowerCase()
  return { status: Number(/^http\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: end < 0 ? '' : text.slice(end + 4) }
}

/** Sends bytes and reads until the other side closes. */
async function sendRaw(port: number, text: string, host = '127.0.0.1'): Promise<RawAnswer> {
  const socket = connect(port, host)
  const chunks: Buffer[] = []
  socket.on('data', (data: Buffer) => chunks.push(data))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(text, 'latin1')
  await closed
  return readAnswer(Buffer.concat(chunks))
}

/** A request with these headers, which closes its connection. */
export const request = (method: string, path: string, headers: readonly string[], body = ''): string =>
  [`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close', '', body].join('\r\n')

export const json = (body: string): string[] => ['Content-Type: application/json', `Content-Length: ${body.length}`]

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', Buffer.from(secret, 'base64url')).update(text).digest('base64url')

export class Target {
  readonly port: number
  readonly home: string
  readonly client: Client

  constructor(port: number, home: string) {
    this.port = port
    this.home = home
    this.client = new Client(home)
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  get ownHost(): string {
    return `Host: ${this.host}`
  }

  async raw(text: string): Promise<RawAnswer> {
    return await sendRaw(this.port, text)
  }

  async ask(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }> {
    const sent = body === undefined ? '' : JSON.stringify(body)
    const headers = [this.ownHost, ...(body === undefined ? [] : json(sent))]
    if (token !== undefined) headers.push(`Authorization: Bearer ${token}`)
    const answer = await this.raw(request(method, `/api/v1${path}`, headers, sent))
    return {
      status: answer.status,
      body: answer.body.startsWith('{') ? (JSON.parse(answer.body) as unknown) : undefined,
    }
  }

  async code(): Promise<string> {
    const { url } = await this.client.ask<CodeAnswer>('POST', '/session/code', { printed: false })
    return new URL(url).hash.replace('#code=', '')
  }

  async pair(): Promise<PairAnswer> {
    const nonce = randomBytes(16).toString('base64url')
    const { body } = await this.ask('POST', '/session/pair', { code: await this.code(), nonce, label: 'Test' })
    return body as PairAnswer
  }

  /** The bearer token of a session. */
  async prove({ sessionId, secret }: PairAnswer): Promise<string> {
    const nonce = randomBytes(16).toString('base64url')
    const answer = await this.ask('POST', '/session/hello', { sessionId, nonce })
    const challenge = answer.body as SessionChallenge
    const sign = (who: string): string => hmac(secret, `warren/1/${who}\0${sessionId}\0${nonce}\0${challenge.nonce}`)
    await this.ask('POST', '/session/prove', { sessionId, nonce: challenge.nonce, proof: sign('page') })
    return sign('token')
  }

  /** The status with which a handshake is refused, or 101. */
  async handshake(headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(`ws://${this.host}/api/v1/events`, { headers })
    const opened = once(socket, 'open').then(() => 101)
    const answered = once(socket, 'unexpected-response').then(([, response]) => {
      ;(response as IncomingMessage).destroy()
      return (response as IncomingMessage).statusCode ?? 0
    })
    socket.on('error', () => undefined)
    const status = await Promise.race([opened, answered])
    socket.terminate()
    return status
  }

  /** Everything that an attack could have changed. */
  async state(): Promise<unknown> {
    const [me, contacts, conversations, sessions] = await Promise.all([
      this.client.ask<Me>('GET', '/me'),
      this.client.list('/contacts'),
      this.client.list('/conversations'),
      this.client.list<{ id: string }>('/sessions'),
    ])
    return { name: me.name, status: me.status, contacts, conversations, sessions: sessions.map(({ id }) => id) }
  }
}

/** A page of two files in a folder of secrets, one of which it links to. */
function makePage(folder: string): string {
  const page = join(folder, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), planted)
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>the page</title>')
  writeFileSync(join(page, 'assets', 'a.js'), '"the script"')
  symlinkSync('../secret.txt', join(page, 'linked.txt'))
  return page
}

/** Ends with the test. */
export async function startTarget(t: Test): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'w-'))
  const home = join(folder, 'home')
  const daemon = await startDaemon({
    home,
    name: 'alice',
    apiPort: 0,
    peerPort: 0,
    listen: ['127.0.0.1'],
    mdns: false,
    announceLoopback: true,
    ui: makePage(folder),
    logLevel: 'error',
    version: '0.0.0-test',
  })
  t.teardown(async () => {
    await daemon.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return new Target(Number(new URL(daemon.api).port), home)
}
