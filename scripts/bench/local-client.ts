/** Asks over a unix socket with one connection kept open, and follows a WebSocket there. */

import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { WebSocket } from 'ws'

export class LocalClient {
  readonly #socket: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #listeners = new Set<(event: unknown) => void>()
  #events: WebSocket | undefined

  constructor(socket: string) {
    this.#socket = socket
  }

  async post(path: string, body: object): Promise<unknown> {
    const asked = request({
      socketPath: this.#socket,
      agent: this.#agent,
      method: 'POST',
      path,
      headers: { host: 'localhost', 'content-type': 'application/json' },
    })
    asked.end(JSON.stringify(body))
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
    if ((response.statusCode ?? 0) >= 400) throw new Error(`${path} answered ${response.statusCode}: ${text}`)
    return JSON.parse(text) as unknown
  }

  /** Opens the events; `first` is sent as soon as it can be. */
  async follow(path: string, first?: object): Promise<void> {
    const events = new WebSocket(`ws://localhost${path}`, {
      createConnection: () => connect(this.#socket),
      perMessageDeflate: false,
    })
    this.#events = events
    events.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString('utf8')) as unknown
      for (const each of this.#listeners) each(event)
    })
    await once(events, 'open')
    if (first === undefined) return
    events.send(JSON.stringify(first))
    await once(events, 'message')
  }

  listen(listener: (event: unknown) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  stop(): void {
    this.#events?.terminate()
    this.#agent.destroy()
  }
}
