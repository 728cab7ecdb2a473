/** Keeps the page linked to its daemon: session, socket, resume, and a jittered return after every loss. */

import type { ServerEvent, TypingFrame } from '../../protocol/events.ts'
import type { apiVersion } from '../../protocol/http.ts'
import type { UnlockRequest } from '../../protocol/http-access.ts'
import { api } from './api.ts'
import { ApiError } from './api-error.ts'
import { openEventSocket, type EventSocket } from './event-socket.ts'
import { setToken, whenRefused } from './request.ts'
import { retryDelayMs, wait } from './retry-delay.ts'
import { forgetSession, ImpostorError, proveSession } from './session.ts'

/** The version of the API that this page was built for; does not compile when the protocol moves on. */
export const pageApiVersion: typeof apiVersion = 1

/**
 * `signed-out`: the session was ended elsewhere. `gone`: no daemon answers. `impostor`: something answers that does not
 * know our secret.
 */
export type ConnectionState =
  | 'starting'
  | 'unpaired'
  | 'signed-out'
  | 'online'
  | 'gone'
  | 'locked'
  | 'wrong-version'
  | 'impostor'

export interface ConnectionDeps {
  onState: (state: ConnectionState) => void
  onEvent: (event: ServerEvent) => void
}

const checkEveryMs = 20_000

export class Connection {
  readonly #deps: ConnectionDeps
  #wake = new AbortController()
  #socket: EventSocket | undefined
  #token: string | undefined
  #after: number | undefined
  #lastState: ConnectionState = 'starting'
  #isSignedOut = false

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
  }

  /** Runs until the page is closed. */
  async run(): Promise<never> {
    setInterval(() => void this.#check(), checkEveryMs)
    whenRefused(() => this.#socket?.close()) // the next round finds out why
    for (let attempt = 0; ; attempt += 1) {
      const state = await this.#once()
      if (state === 'online') attempt = 0
      this.#setState(state === 'online' ? 'gone' : state)
      this.#wake = new AbortController()
      await wait(
        state === 'unpaired' || state === 'signed-out' ? 2 ** 31 - 1 : retryDelayMs(attempt),
        this.#wake.signal,
      )
    }
  }

  /** Something changed (the network, the tab, a fresh pairing): do not wait any longer. */
  retryNow(): void {
    this.#wake.abort()
    void this.#check()
  }

  /** The owner is at this page. */
  sendActive(): void {
    this.#socket?.send({ type: 'active' })
  }

  /** The daemon has to prove itself anew before the secret is sent. Throws ApiError. */
  async unlock(request: UnlockRequest): Promise<void> {
    try {
      this.#token = await this.#prove()
    } catch (error) {
      if (!(error instanceof ImpostorError)) throw error
      this.#token = undefined // else its next answer would be taken for the daemon's
      this.#setState('impostor')
      throw new ApiError('NO_SESSION', 'this is not the daemon', { cause: error })
    }
    if (this.#token === undefined) throw new ApiError('NO_SESSION', 'this browser is signed out')
    await api.unlock(request)
    this.#wake.abort()
  }

  /** The owner looks at this conversation, or at none. */
  sendLooking(conversation: string | undefined): void {
    this.#socket?.send({ type: 'looking', ...(conversation === undefined ? {} : { conversation }) })
  }

  sendTyping(frame: TypingFrame): void {
    this.#socket?.send(frame)
  }

  #setState(state: ConnectionState): void {
    this.#lastState = state
    this.#deps.onState(state)
  }

  /** One life of the socket. Answers how it ended; `online` if it had been up. */
  async #once(): Promise<ConnectionState> {
    try {
      const health = await api.health()
      if (health.apiVersion !== pageApiVersion) return 'wrong-version'
      if (health.status === 'closing') return 'gone'
      if (health.status === 'starting') return 'starting'
      // Also while it is locked: nobody may type a passphrase into the page of a stranger on this port.
      if (!(await this.#tokenLives())) this.#token = await this.#prove()
      if (this.#token === undefined) return this.#isSignedOut ? 'signed-out' : 'unpaired'
      if (health.status === 'locked') return 'locked'
      return await this.#listen(this.#token)
    } catch (error) {
      return error instanceof ImpostorError ? 'impostor' : 'gone'
    }
  }

  /** Tokens die with the daemon's run and with their session. */
  async #tokenLives(): Promise<boolean> {
    if (this.#token === undefined) return false
    try {
      await api.status()
      return true
    } catch (error) {
      if (error instanceof ApiError && error.code === 'NO_SESSION') return false
      throw error
    }
  }

  async #prove(): Promise<string | undefined> {
    try {
      // A new token means a new daemon run, whose event ids begin anew.
      this.#after = undefined
      const token = await proveSession()
      setToken(token)
      return token
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 'NO_SESSION' && error.code !== 'NOT_FOUND')) throw error
      await forgetSession()
      this.#isSignedOut = true
      return undefined
    }
  }

  async #listen(token: string): Promise<ConnectionState> {
    let end: ConnectionState | undefined
    const onEvent = (event: ServerEvent): void => {
      this.#after = event.id
      if (event.type === 'snapshot' && event.apiVersion !== pageApiVersion) end = 'wrong-version'
      else if (event.type === 'closing') end = event.reason === 'locked' ? 'locked' : 'online'
      else if (end === undefined) {
        if (this.#lastState !== 'online') this.#setState('online')
        this.#deps.onEvent(event)
      }
      if (end !== undefined) this.#socket?.close()
    }
    const socket = openEventSocket({ token, after: this.#after, onEvent })
    this.#socket = socket
    // A resumed socket may stay silent: being accepted is enough to count as online.
    const accepted = setTimeout(() => {
      if (end === undefined && this.#after !== undefined && this.#lastState !== 'online') this.#setState('online')
    }, 400)
    await socket.closed
    clearTimeout(accepted)
    this.#socket = undefined
    const wasUp = this.#lastState === 'online'
    if (!wasUp) this.#token = undefined // refused: prove the session again
    return end ?? (wasUp ? 'online' : 'gone')
  }

  /** A frozen daemon keeps its sockets open: ask it something. */
  async #check(): Promise<void> {
    if (this.#socket === undefined || document.visibilityState === 'hidden') return
    await api.health().catch(() => this.#socket?.close())
  }
}
