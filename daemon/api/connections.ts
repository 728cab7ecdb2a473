/** Bounds the TCP connections of one listener: strangers make room first, the owner's pages last. */

import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export class Connections {
  readonly #most: number
  /** Oldest first. */
  readonly #strangers = new Set<Socket>()
  readonly #owners = new Set<Socket>()

  /** Beyond `most` connections the oldest that has shown no session is cut; if all have, the newest. */
  constructor(server: Server, most: number) {
    this.#most = most
    server.on('connection', (socket: Socket) => this.#add(socket))
  }

  /** A valid token came over this connection. */
  trust(socket: Socket): void {
    if (this.#strangers.delete(socket)) this.#owners.add(socket)
  }

  #add(socket: Socket): void {
    this.#strangers.add(socket)
    socket.once('close', () => {
      this.#strangers.delete(socket)
      this.#owners.delete(socket)
    })
    if (this.#strangers.size + this.#owners.size <= this.#most) return
    for (const oldest of this.#strangers) {
      this.#strangers.delete(oldest)
      oldest.destroy()
      return
    }
  }
}
