/** Ports to come back to: nobody else takes them while their process lives. */

import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Above the usual services, and below what Linux, macOS and Windows give out for port 0 or to whoever dials. */
const [first, count] = [20_000, 10_000]

/** False if somebody, maybe no test of ours, listens there. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen({ port, exclusive: true }), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** The UDP port of that number, which no daemon wants, held as a sign for all test processes; the system takes it back even when this one is killed. */
async function hold(port: number): Promise<boolean> {
  const sign = createSocket('udp4')
  try {
    sign.bind({ port, address: '127.0.0.1', exclusive: true })
    await once(sign, 'listening')
    sign.unref()
    return true
  } catch {
    sign.close()
    return false
  }
}

/** A TCP port that is this process's until it ends, whether anything listens on it or not. */
export async function ownPort(): Promise<number> {
  const start = randomInt(count)
  for (let tried = 0; tried < count; tried += 1) {
    const port = first + ((start + tried) % count)
    if ((await hold(port)) && (await isFree(port))) return port
  }
  throw new Error(`no port from ${first} on is free`)
}
