/** A door in front of a server on this machine: bytes pass unread, until it cuts its connections or stops passing anything on. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

export interface StallProxy {
  readonly port: number
  /** Connections that were made so far. */
  readonly connections: number
  /** Those that are open. */
  readonly open: number
  /** Ends all connections with a reset. */
  cut(): void
  /** All connections stay open, and nothing passes any more; new ones work. */
  freeze(): void
  close(): Promise<void>
}

export async function openStallProxy(target: number): Promise<StallProxy> {
  const pairs = new Set<readonly [near: Socket, far: Socket]>()
  let connections = 0
  const server = createServer((near) => {
    connections += 1
    const far = connect(target, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    near.pipe(far)
    far.pipe(near)
    for (const socket of pair) {
      socket.setNoDelay(true)
      // A reset is no news here.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const each of pair) each.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const each = (act: (near: Socket, far: Socket) => void): void => {
    for (const [near, far] of pairs) act(near, far)
  }
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    get open() {
      return pairs.size
    },
    cut: () => {
      each((near) => near.resetAndDestroy())
    },
    freeze: () => {
      each((near, far) => {
        for (const socket of [near.unpipe(far), far.unpipe(near)]) socket.pause()
      })
    },
    close: async () => {
      each((near) => near.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}
