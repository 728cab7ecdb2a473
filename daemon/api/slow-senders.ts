/** Ends requests whose bodies do not come: whole within a time, or, of a file, as long as some of it comes within that time. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http'

export interface SlowSendersOptions {
  readonly requestMs: number
  /** How often it is looked. */
  readonly checkMs: number
  /** Its body may take as long as it needs, if only it goes on. */
  readonly isFile: (request: IncomingMessage) => boolean
}

/** As Node.js itself answers them, which knows one time for all requests. */
const answer = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function watch(request: IncomingMessage, response: ServerResponse, options: SlowSendersOptions): void {
  const { requestMs, checkMs } = options
  const { socket } = request
  const isFile = options.isFile(request)
  /** Counted in looks: a machine that slept has not waited. */
  let waitedMs = 0
  let read = socket.bytesRead
  const timer = setInterval(() => {
    if (request.complete || socket.destroyed) return clearInterval(timer)
    waitedMs = isFile && socket.bytesRead !== read ? 0 : waitedMs + checkMs
    read = socket.bytesRead
    if (waitedMs < requestMs) return undefined
    clearInterval(timer)
    if (!response.headersSent && socket.writable) socket.write(answer)
    return socket.destroy()
  }, checkMs).unref()
  request.once('close', () => clearInterval(timer))
}

export function endSlowSenders(server: Server, options: SlowSendersOptions): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (hasBody(request)) watch(request, response, options)
  })
}
