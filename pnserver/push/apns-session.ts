/** One HTTP/2 connection to Apple, as long as it lasts: turns for its streams, and a watch on whether anybody is there. */

import { once } from 'node:events'
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { readAnswer, type ApnsAnswer } from './apns-answer.ts'
import type { ApnsRequest } from './apns-message.ts'
import { pushLimits, type Timers } from './waiting.ts'

export interface ApnsServer {
  /** As `https://api.push.apple.com`. */
  readonly origin: string
  /** Authorities to trust in place of the system's, PEM. */
  readonly ca?: string
}

/** `lost`: there is no answer, and whether it was read is not known. */
export type Exchanged = ApnsAnswer | 'lost'

export class ApnsSession {
  readonly #session: ClientHttp2Session
  readonly #timers: Timers
  /** Who waits for a stream: true is a turn, false the end. */
  readonly #queue: ((isTurn: boolean) => void)[] = []
  #active = 0
  #heardAt: number
  /** While it is asked whether anybody is there. */
  #callOffProbe: (() => void) | undefined
  #isEnding = false

  constructor(session: ClientHttp2Session, timers: Timers) {
    this.#session = session
    this.#timers = timers
    this.#heardAt = timers.now()
    session.on('remoteSettings', () => {
      this.#give()
    })
    // Node lets the streams that were read come to their end, and takes those after them back as refused.
    session.on('goaway', () => {
      this.#end()
    })
    session.on('close', () => {
      this.#callOffProbe?.()
      this.#end()
    })
  }

  /** False once no new request may begin. */
  get isUsable(): boolean {
    return !this.#isEnding && !this.#session.closed && !this.#session.destroyed
  }

  /** Waits for a turn, and for an answer. */
  async exchange(request: ApnsRequest, signal: AbortSignal): Promise<Exchanged> {
    if (!(await this.#turn(signal))) return 'lost'
    try {
      return signal.aborted ? 'lost' : await this.#perform(request, signal)
    } finally {
      this.#active -= 1
      this.#give()
    }
  }

  async close(): Promise<void> {
    if (this.#session.destroyed) return
    this.#session.destroy()
    await once(this.#session, 'close')
  }

  async #turn(signal: AbortSignal): Promise<boolean> {
    if (!this.isUsable) return false
    return await new Promise<boolean>((resolve) => {
      const aborted = (): void => {
        this.#queue.splice(this.#queue.indexOf(turn), 1)
        resolve(false)
      }
      const turn = (isTurn: boolean): void => {
        signal.removeEventListener('abort', aborted)
        resolve(isTurn)
      }
      this.#queue.push(turn)
      signal.addEventListener('abort', aborted)
      this.#give()
    })
  }

  /** Apple allows one stream until it knows the provider, then many. */
  #give(): void {
    if (!this.isUsable) return
    const most = Math.min(this.#session.remoteSettings.maxConcurrentStreams ?? 1, pushLimits.streams)
    while (this.#active < most) {
      const turn = this.#queue.shift()
      if (turn === undefined) return
      this.#active += 1
      turn(true)
    }
  }

  #end(): void {
    this.#isEnding = true
    for (const turn of this.#queue.splice(0)) turn(false)
  }

  async #perform({ headers, body }: ApnsRequest, signal: AbortSignal): Promise<Exchanged> {
    let stream: ClientHttp2Stream
    try {
      stream = this.#session.request(headers, { signal })
    } catch {
      return 'lost'
    }
    // A connection may have died without a word while nobody used it: better to know before the answer is missed.
    if (this.#timers.now() - this.#heardAt >= pushLimits.quietMs) this.#probe()
    const callOffProbe = this.#timers.after(pushLimits.silenceMs, () => {
      this.#probe()
    })
    const callOffAnswer = this.#timers.after(pushLimits.answerMs, () => {
      stream.close(constants.NGHTTP2_CANCEL)
    })
    const answer = this.#answerOf(stream)
    stream.end(body)
    try {
      return await answer
    } finally {
      callOffProbe()
      callOffAnswer()
    }
  }

  async #answerOf(stream: ClientHttp2Stream): Promise<Exchanged> {
    return await new Promise((resolve) => {
      let status = 0
      let retryAfter: string | undefined
      let text = ''
      stream.setEncoding('utf8')
      stream.on('response', (headers) => {
        status = headers[':status'] ?? 0
        retryAfter = headers['retry-after']
        this.#heardAt = this.#timers.now()
      })
      stream.on('data', (piece: string) => {
        if (text.length < pushLimits.answerBytes) text += piece
      })
      // What goes wrong is followed by `close`.
      stream.on('error', () => undefined)
      stream.on('close', () => {
        const isWhole = status !== 0 && stream.rstCode === constants.NGHTTP2_NO_ERROR
        resolve(isWhole ? readAnswer(status, retryAfter, text, this.#timers.now()) : 'lost')
      })
    })
  }

  /** Asks whether anybody is there; without an answer in time the connection is given up, and with it all that is on it. */
  #probe(): void {
    if (this.#callOffProbe !== undefined || this.#session.destroyed) return
    this.#callOffProbe = this.#timers.after(pushLimits.pongMs, () => {
      this.#session.destroy()
    })
    this.#session.ping((error) => {
      this.#callOffProbe?.()
      this.#callOffProbe = undefined
      if (error === null) this.#heardAt = this.#timers.now()
    })
  }
}

/** Undefined if there is no connection to be had: refused, not to be trusted, not HTTP/2, not in time, or `signal` aborted. */
export async function openApnsSession(
  { origin, ca }: ApnsServer,
  timers: Timers,
  signal: AbortSignal,
): Promise<ApnsSession | undefined> {
  const session = connect(origin, ca === undefined ? {} : { ca })
  const giveUp = (): void => {
    session.destroy()
  }
  const callOff = timers.after(pushLimits.connectMs, giveUp)
  signal.addEventListener('abort', giveUp)
  // What goes wrong is followed by `close`.
  session.on('error', () => undefined)
  const opened = await new Promise<boolean>((resolve) => {
    session.once('remoteSettings', () => {
      resolve(true)
    })
    session.once('close', () => {
      resolve(false)
    })
  })
  callOff()
  signal.removeEventListener('abort', giveUp)
  return opened && !session.destroyed ? new ApnsSession(session, timers) : undefined
}
