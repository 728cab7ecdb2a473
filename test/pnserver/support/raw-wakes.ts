/** Wakes as bytes on a socket: many at a time, and their answers as they came, to the last byte. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const end = Buffer.from('\r\n\r\n')
let senders = 0

/** A request from an address that nobody else has. */
function wakeRequest(body: Uint8Array): Buffer {
  senders += 1
  const from = `10.${senders >> 16}.${(senders >> 8) & 255}.${senders & 255}`
  const head = [
    'POST /v1/wake HTTP/1.1',
    'host: push.example',
    `x-forwarded-for: ${from}`,
    'content-type: application/octet-stream',
    `content-length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

/** One connection. Answers have no body, so each ends with its headers. */
export class RawClient {
  readonly #socket: Socket
  #read: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
  }

  static async to(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** The answers to all of them, in their order. */
  async ask(...requests: readonly Buffer[]): Promise<string[]> {
    this.#socket.write(Buffer.concat(requests))
    const answers: string[] = []
    while (answers.length < requests.length) answers.push(await this.#next())
    return answers
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }

  async #next(): Promise<string> {
    for (;;) {
      const at = this.#read.indexOf(end)
      if (at >= 0) {
        const answer = this.#read.subarray(0, at + end.length).toString('latin1')
        this.#read = this.#read.subarray(at + end.length)
        return answer
      }
      const [chunk] = (await once(this.#socket, 'data')) as [Buffer]
      this.#read = Buffer.concat([this.#read, chunk])
    }
  }
}

/** Milliseconds until two wakes are answered, one after the other: what is done for the first is not felt by the second either. */
export async function answerMs(client: RawClient, bodies: readonly Uint8Array[]): Promise<number> {
  const requests = bodies.map((body) => wakeRequest(body))
  const began = performance.now()
  for (const request of requests) await client.ask(request)
  return performance.now() - began
}

/** Sends many at once, over connections of at most 1,000 each, and returns the different answers that came. */
export async function flood(port: number, bodies: readonly Uint8Array[]): Promise<Set<string>> {
  const different = new Set<string>()
  for (let at = 0; at < bodies.length; at += 500) {
    const client = await RawClient.to(port)
    for (const answer of await client.ask(...bodies.slice(at, at + 500).map(wakeRequest))) different.add(answer)
    await client.close()
  }
  return different
}
