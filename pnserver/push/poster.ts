/** Sends one POST over HTTPS and reads no more of the answer than it needs. It follows nobody anywhere. */

import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { pushLimits, readRetryAfter, type Timers } from './waiting.ts'

export interface PostAnswer {
  readonly status: number
  readonly retryAfterMs: number | undefined
}

export class Poster {
  readonly #timers: Timers
  readonly #agent: Agent

  /** `ca`: authorities to trust in place of the system's, PEM. */
  constructor(timers: Timers, ca?: string) {
    this.#timers = timers
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: pushLimits.sockets,
      maxFreeSockets: pushLimits.sockets,
      maxTotalSockets: pushLimits.pushes,
      // Idle ones end.
      timeout: pushLimits.quietMs,
      ...(ca === undefined ? {} : { ca }),
    })
  }

  /** `lost`: there is no answer, for whatever reason. Never throws. */
  async post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<PostAnswer | 'lost'> {
    if (signal.aborted) return 'lost'
    return await new Promise((resolve) => {
      const length = { 'content-length': String(body.length) }
      const outgoing = request(url, { method: 'POST', agent: this.#agent, headers: { ...headers, ...length }, signal })
      const callOff = this.#timers.after(pushLimits.answerMs, () => {
        outgoing.destroy()
      })
      let answer: PostAnswer | 'lost' = 'lost'
      outgoing.on('response', (response) => {
        drop(response)
        const retryAfterMs = readRetryAfter(response.headers['retry-after'], this.#timers.now())
        answer = { status: response.statusCode ?? 0, retryAfterMs }
      })
      // What goes wrong is followed by `close`, and so is the end of the answer.
      outgoing.on('error', () => undefined)
      outgoing.on('close', () => {
        callOff()
        resolve(answer)
      })
      outgoing.end(body)
    })
  }

  /** Whatever is under way has been ended by its signal. */
  close(): void {
    this.#agent.destroy()
  }
}

/** Reads the body away, so that the connection can be used again, unless it is long. */
function drop(response: IncomingMessage): void {
  let bytes = 0
  response.on('error', () => undefined)
  response.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > pushLimits.answerBytes) response.destroy()
  })
}
