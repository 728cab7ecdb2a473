/** The TCP connections of one listener, bounded: strangers make room first, the owner's pages last; other users get none. */

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { PeerUsers, type Ends } from './peer-users.ts'

export interface ConnectionsOptions {
  /** Beyond so many the oldest that has shown no session is cut; if all have, the newest. */
  readonly most: number
  /** Programs of other users of this machine may connect, too. */
  readonly anyUser: boolean
}

/** Undefined if it is closed already. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  if (localAddress === undefined || localPort === undefined) return undefined
  return { address: remoteAddress, port: remotePort, toAddress: localAddress, toPort: localPort }
}

export class Connections {
  readonly #options: ConnectionsOptions
  readonly #users = new PeerUsers()
  /** Oldest first. */
  readonly #strangers = new Set<Socket>()
  readonly #owners = new Set<Socket>()
  readonly #admitted = new WeakMap<Socket, Promise<void>>()

  constructor(server: Server, options: ConnectionsOptions) {
    this.#options = options
    server.on('connection', (socket: Socket) => this.#add(socket))
  }

  /** A valid token came over this connection. */
  trust(socket: Socket): void {
    if (this.#strangers.delete(socket)) this.#owners.add(socket)
  }

  /** Resolves once it is known whose the other end is; another user's is cut by then. */
  async admitted(socket: Socket): Promise<void> {
    await this.#admitted.get(socket)
  }

  #add(socket: Socket): void {
    this.#strangers.add(socket)
    socket.once('close', () => {
      this.#strangers.delete(socket)
      this.#owners.delete(socket)
    })
    if (!this.#options.anyUser) this.#admitted.set(socket, this.#cutOthers(socket))
    if (this.#strangers.size + this.#owners.size <= this.#options.most) return
    for (const oldest of this.#strangers) {
      this.#strangers.delete(oldest)
      oldest.destroy()
      return
    }
  }

  /** The administrator is not another: it may do anything here. */
  async #cutOthers(socket: Socket): Promise<void> {
    const ends = endsOf(socket)
    if (process.getuid === undefined || ends === undefined) return
    const user = await this.#users.of(ends)
    if (user !== undefined && user !== 0 && user !== process.getuid()) socket.destroy()
  }
}
