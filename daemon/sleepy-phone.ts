/**
 * warren start --sleepy: the app of docs/embedding.md without a phone. It sleeps a while after anything happened, and what a push service would deliver
 * to it is posted to a socket in its home.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { errorCode, WarrenError } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { nameSocket, type SocketName } from './local-socket.ts'
import type { Came, RunningDaemon } from './options.ts'
import { systemTimers, type Timers } from './timers.ts'

/** What it has to say, one after the other. */
export type PhoneWord =
  | { readonly is: 'phone'; readonly socket: string; readonly token: string }
  | { readonly is: 'registered'; readonly server: string }
  | { readonly is: 'asleep' }
  | { readonly is: 'awake' }
  | { readonly is: 'came'; readonly conversations: readonly Came[] }
  | { readonly is: 'failed'; readonly what: string; readonly code: string }

export interface SleepyPhoneDeps {
  readonly daemon: Pick<RunningDaemon, 'suspend' | 'resume' | 'push' | 'onCame' | 'onChange'>
  readonly say: (word: PhoneWord) => void
}

export interface SleepyPhoneOptions {
  /** The machine's if not given. */
  readonly timers?: Timers
  readonly home: string
  /** After anything happened. */
  readonly sleepAfterMs: number
  /** The push server; that of the settings if not given. */
  readonly pushUrl?: string
}

const mostBytes = 8 * 1024
const bytesIn = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : undefined

/** Throws for what is no JSON object, or too long to be a push. */
async function readPush(request: IncomingMessage): Promise<{ note?: unknown; code?: unknown }> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > mostBytes) throw new Error('too long')
    chunks.push(chunk)
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
  if (typeof value !== 'object' || value === null) throw new Error('no push')
  return value
}

/** The first app that a push server pushes to. Rejects for one that knows no phones. */
async function topicOf(server: string): Promise<string> {
  const answer = await fetch(`${server}/v1/info`, {
    redirect: 'error',
    signal: AbortSignal.timeout(limits.pushAnswerMs),
  })
  const { platforms } = (await answer.json()) as { platforms?: { apns?: { topics?: string[] } } }
  const [topic] = platforms?.apns?.topics ?? []
  if (topic === undefined) throw new WarrenError('NOT_ALLOWED', 'this push server pushes to no phones')
  return topic
}

export class SleepyPhone {
  readonly #deps: SleepyPhoneDeps
  readonly #options: SleepyPhoneOptions
  readonly #token = new Uint8Array(randomBytes(32))
  readonly #server: Server
  readonly #name: SocketName
  readonly #unsubscribe: readonly (() => void)[]
  /** What it is told comes one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #callOff: () => void = () => undefined
  #isAsleep = false
  #isClosed = false
  #pendingId: string | undefined
  #isServerChosen = false
  /** At which push server. */
  #registeredAt = ''

  /** Use SleepyPhone.open(). */
  constructor(deps: SleepyPhoneDeps, options: SleepyPhoneOptions) {
    this.#deps = deps
    this.#options = options
    this.#name = nameSocket(options.home, 'phone.sock')
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((status) => response.writeHead(status, { connection: 'close' }).end())
    })
    this.#unsubscribe = [
      deps.daemon.onChange(() => this.#stir()),
      deps.daemon.onCame((conversations) => deps.say({ is: 'came', conversations })),
    ]
  }

  /** Registers in the background, if there is a push server. Rejects with what the system says if there can be no socket. */
  static async open(deps: SleepyPhoneDeps, options: SleepyPhoneOptions): Promise<SleepyPhone> {
    const phone = new SleepyPhone(deps, options)
    await phone.#listen()
    deps.say({ is: 'phone', socket: phone.#name.path, token: Buffer.from(phone.#token).toString('hex') })
    phone.#stir()
    void phone.#inTurn('register', async () => await phone.#register())
    return phone
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff()
    for (const end of this.#unsubscribe) end()
    this.#server.close()
    this.#server.closeAllConnections()
    await this.#turn
    this.#name.release()
  }

  async #listen(): Promise<void> {
    const { path } = this.#name
    // The daemon holds the home by now: whatever lies there was left by one that was killed.
    if (process.platform !== 'win32') rmSync(path, { force: true })
    this.#server.listen({ path })
    await once(this.#server, 'listening')
    if (process.platform !== 'win32') chmodSync(path, 0o600)
  }

  async #answer(request: IncomingMessage): Promise<number> {
    if (request.method !== 'POST') return 405
    if (request.url === '/open') return await this.#inTurn('wake', async () => await this.#wake())
    if (request.url === '/sleep') return await this.#inTurn('sleep', async () => await this.#sleep())
    if (request.url !== '/push') return 404
    try {
      const { note, code } = await readPush(request)
      return await this.#inTurn('be woken', async () => await this.#pushed(bytesIn(note), bytesIn(code)))
    } catch {
      return 400
    }
  }

  async #pushed(note: Uint8Array | undefined, code: Uint8Array | undefined): Promise<void> {
    await this.#wake(note)
    const push = this.#deps.daemon.push()
    const pendingId = push?.pendingId ?? this.#pendingId
    if (code === undefined || push === undefined || pendingId === undefined) return
    await push.verify(pendingId, code)
    this.#deps.say({ is: 'registered', server: push.settings().server })
  }

  async #wake(note?: Uint8Array): Promise<void> {
    await this.#deps.daemon.resume(note)
    if (this.#isAsleep) this.#deps.say({ is: 'awake' })
    this.#isAsleep = false
    this.#stir()
    // For a server that was chosen since then, or was out of reach.
    await this.#attempt('register', async () => await this.#register())
  }

  async #sleep(): Promise<void> {
    this.#callOff()
    if (this.#isAsleep) return
    await this.#deps.daemon.suspend()
    this.#isAsleep = true
    this.#deps.say({ is: 'asleep' })
  }

  /** Once at each server, as soon as the home is open. */
  async #register(): Promise<void> {
    const push = this.#deps.daemon.push()
    if (push === undefined) return
    const { pushUrl } = this.#options
    if (pushUrl !== undefined && !this.#isServerChosen) await push.use(pushUrl)
    this.#isServerChosen = true
    const { server } = push.settings()
    if (server === '' || server === this.#registeredAt) return
    const target = {
      platform: 'apns',
      environment: 'sandbox',
      topic: await topicOf(server),
      token: this.#token,
    } as const
    this.#pendingId = (await push.register(target)).pendingId
    this.#registeredAt = server
  }

  /** Something happened: it stays awake for another while. */
  #stir(): void {
    this.#callOff()
    if (this.#isAsleep || this.#isClosed) return
    this.#callOff = (this.#options.timers ?? systemTimers).after(this.#options.sleepAfterMs, () => {
      void this.#inTurn('sleep', async () => await this.#sleep())
    })
  }

  /** Resolves with an HTTP status; what failed is said. */
  async #inTurn(what: string, task: () => Promise<void>): Promise<number> {
    const done = this.#turn.then(async () => (this.#isClosed ? 503 : (await this.#attempt(what, task)) ? 204 : 500))
    this.#turn = done.then(() => undefined)
    return await done
  }

  /** False if it failed, which is said. */
  async #attempt(what: string, task: () => Promise<void>): Promise<boolean> {
    try {
      await task()
      return true
    } catch (error) {
      this.#deps.say({ is: 'failed', what, code: errorCode(error) })
      return false
    }
  }
}
