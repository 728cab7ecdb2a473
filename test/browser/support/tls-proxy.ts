/** Ends TLS in front of a daemon's second socket, as `tailscale serve` does: Host stays as the browser sent it, WebSockets are passed on. */

import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createCertificates } from '../../pnserver/support/certificate.ts'

export class TlsProxy {
  readonly #socketPath: string
  readonly #server: Server
  /** A switch by which Chromium trusts this one certificate: a worker is registered over nothing less. */
  readonly flag: string

  constructor(socketPath: string) {
    const { cert, key } = createCertificates()
    const spki = new X509Certificate(cert).publicKey.export({ format: 'der', type: 'spki' })
    this.flag = `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`
    this.#socketPath = socketPath
    this.#server = createServer({ cert, key }, (asked, answer) => this.#pass(asked, answer))
    this.#server.on('upgrade', (asked, socket, head) => this.#join(asked, socket, head))
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = asked
    const options = { socketPath: this.#socketPath, method, path: url, headers, agent: false as const }
    const passed = request(options, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  }

  #join({ method, url, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
    const there = connect(this.#socketPath)
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []))
    there.write(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    there.write(head)
    there.pipe(socket).pipe(there)
    for (const each of [there, socket]) {
      each.on('error', () => undefined)
      each.on('close', () => {
        there.destroy()
        socket.destroy()
      })
    }
  }
}
