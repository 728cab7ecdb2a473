/** A TCP forwarder between two peers that can break, or fall silent without breaking. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Wire {
  readonly port: number
  /** Ends all connections with a reset. */
  cut(): void
  /** Nothing passes any more, and nobody is told. */
  silence(): void
  stop(): void
}

/** `from`: the address of this host that the target sees, such as 127.0.0.9. */
export async function startWire(target: number, from = '127.0.0.1'): Promise<Wire> {
  const sockets = new Set<Socket>()
  const own = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer({ noDelay: true }, (incoming) => {
    const outgoing = own(connect({ port: target, host: '127.0.0.1', noDelay: true, localAddress: from }))
    own(incoming).pipe(outgoing).pipe(incoming)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const wire: Wire = {
    port: (server.address() as AddressInfo).port,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    silence: () =>
      sockets.forEach((socket) => {
        socket.unpipe()
        socket.pause()
      }),
    stop: () => {
      wire.cut()
      server.close()
    },
  }
  return wire
}
