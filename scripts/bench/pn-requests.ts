/** Sends wakes over a few connections, many at a time, and waits until all are answered. */

import { once } from 'node:events'
import { connect } from 'node:net'

const mostPerConnection = 500
let senders = 0

/** Each from an address of its own. */
function requestOf(body: Uint8Array): Buffer {
  senders += 1
  const from = `10.${(senders >> 16) & 255}.${(senders >> 8) & 255}.${senders & 255}`
  const head = [
    'POST /v1/wake HTTP/1.1',
    'host: push.example',
    `x-forwarded-for: ${from}`,
    `content-length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

const statusLine = Buffer.from('HTTP/1.1 202')

function countAnswers(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(statusLine); at >= 0; at = bytes.indexOf(statusLine, at + 1)) count += 1
  return count
}

async function sendSome(port: number, bodies: readonly Uint8Array[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(Buffer.concat(bodies.map((body) => requestOf(body))))
  let read = Buffer.alloc(0)
  while (countAnswers(read) < bodies.length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    read = Buffer.concat([read, chunk])
  }
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
}

export async function sendRequests(port: number, bodies: readonly Uint8Array[]): Promise<void> {
  for (let at = 0; at < bodies.length; at += mostPerConnection) {
    await sendSome(port, bodies.slice(at, at + mostPerConnection))
  }
}
