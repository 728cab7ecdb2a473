/** One WebSocket of a page or a shell: waits for its first frame, then follows the event log at its own pace. */

import type { WebSocket } from 'ws'
import { errorCode, WarrenError } from '../../../protocol/errors.ts'
import type { ClientFrame, ServerEvent } from '../../../protocol/events.ts'
import { limits } from '../../../protocol/limits.ts'
import { ClientFrame as ClientFrameSchema } from '../schemas/daemon.ts'

/** Close codes of the API's own (docs/api.md). */
const closeCodes = {
  stopping: 1001,
  failed: 1011,
  badFrame: 4400,
  noSession: 4401,
  revoked: 4403,
  locked: 4423,
  tooSlow: 4408,
  tooMany: 4429,
}

const batchEvents = 64
const mostBufferedBytes = 1024 * 1024
/** A reader that takes nothing for so long is dropped. */
const stalledMs = 10_000

export interface EventSocketDeps {
  /** Id of the newest event. */
  readonly last: () => number
  /** Up to `count` changes behind `id` and how far they reach; undefined if only a snapshot helps. `gathers`: see AuthFrame. */
  readonly after: (
    id: number,
    count: number,
    gathers: boolean,
  ) => Promise<{ events: ServerEvent[]; upTo: number } | undefined>
  readonly snapshot: () => ServerEvent
  /** Answers the session id, or undefined for the owner's own socket. Throws NO_SESSION. */
  readonly authenticate: (token: string | undefined) => string | undefined
  readonly typing: (conversation: string) => void
  /** The owner did something. */
  readonly active: () => void
  readonly onLive: () => void
  readonly onEnd: () => void
  readonly onFailed: (error: unknown) => void
}

export class EventSocket {
  /** Of the session that opened it. */
  session: string | undefined
  /** The conversation that the owner looks at on this page. */
  looksAt: string | undefined
  readonly #deps: EventSocketDeps
  readonly #socket: WebSocket
  readonly #authTimer: NodeJS.Timeout
  #position: number | undefined
  #gathers = false
  #isPumping = false
  #isOpen = true

  constructor(socket: WebSocket, deps: EventSocketDeps) {
    this.#socket = socket
    this.#deps = deps
    this.#authTimer = setTimeout(() => this.close('noSession'), limits.socketAuthMs)
    socket.on('error', () => socket.terminate())
  }

  get isLive(): boolean {
    return this.#position !== undefined
  }

  receive(data: unknown): void {
    const frame = readFrame(data)
    if (frame === undefined) return this.close('badFrame')
    if (frame.type === 'auth') return this.#authenticate(frame)
    if (!this.isLive) return this.close('noSession')
    if (frame.type === 'active') return this.#deps.active()
    if (frame.type === 'looking') {
      this.looksAt = frame.conversation
      return undefined
    }
    return this.#deps.typing(frame.conversation)
  }

  /** New events are there. */
  wake(): void {
    if (!this.isLive || this.#isPumping) return
    this.#isPumping = true
    this.#pump()
      .catch((error: unknown) => {
        if (errorCode(error) === 'TIMED_OUT') return this.close('tooSlow')
        this.#deps.onFailed(error)
        return this.close('failed')
      })
      .finally(() => {
        this.#isPumping = false
      })
  }

  /** Says why, then closes; a peer that does not close in turn is cut by ws. */
  close(code: keyof typeof closeCodes, farewell?: 'stopping' | 'revoked' | 'locked'): void {
    if (!this.#isOpen) return
    if (farewell !== undefined) void this.#send({ id: this.#deps.last(), type: 'closing', reason: farewell })
    this.end()
    this.#socket.close(closeCodes[code])
  }

  /** The socket is gone. */
  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearTimeout(this.#authTimer)
    this.#deps.onEnd()
  }

  #authenticate(frame: Extract<ClientFrame, { type: 'auth' }>): void {
    if (this.isLive) return this.close('badFrame')
    try {
      this.session = this.#deps.authenticate(frame.token)
    } catch {
      return this.close('noSession')
    }
    clearTimeout(this.#authTimer)
    this.#position = frame.after ?? -1
    this.#gathers = frame.gather === true
    this.#deps.onLive()
    return this.wake()
  }

  /** Sends nothing faster than the reader takes it; whoever falls too far behind gets a new snapshot. */
  async #pump(): Promise<void> {
    while (this.#isOpen && this.#position !== this.#deps.last()) {
      const batch = await this.#deps.after(this.#position ?? -1, batchEvents, this.#gathers)
      if (batch === undefined) {
        const snapshot = this.#deps.snapshot()
        this.#position = snapshot.id
        await this.#sendSlowly(snapshot)
      } else {
        for (const event of batch.events) await this.#sendSlowly(event)
        this.#position = batch.upTo
      }
    }
  }

  async #sendSlowly(event: ServerEvent): Promise<void> {
    if (!this.#isOpen) return
    const sent = this.#send(event)
    if (this.#socket.bufferedAmount < mostBufferedBytes) return
    let timer: NodeJS.Timeout | undefined
    const stalled = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new WarrenError('TIMED_OUT', 'the reader stalled')), stalledMs)
    })
    await Promise.race([sent, stalled]).finally(() => clearTimeout(timer))
  }

  /** Resolves once the kernel has it, or the socket is gone. */
  async #send(event: ServerEvent): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.send(JSON.stringify(event), () => resolve())
    })
  }
}

function readFrame(data: unknown): ClientFrame | undefined {
  try {
    return ClientFrameSchema.safeParse(JSON.parse(typeof data === 'string' ? data : '')).data
  } catch {
    return undefined
  }
}
