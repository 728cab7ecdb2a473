/** Who may knock: few unfinished handshakes per address, few strangers in all, so that contacts always find room. */

import type { Connection, ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import { limits } from '../../protocol/limits.ts'
import { remoteAddress } from './address.ts'
import { addressBlock } from './ip.ts'

export class Gate {
  readonly #pending = new Map<string, Set<MultiaddrConnection>>()
  /** Inbound connections without a link, oldest first. */
  readonly #strangers = new Set<Connection>()

  /** What libp2p asks. */
  readonly gater: ConnectionGater = {
    denyInboundConnection: (socket) => !this.#knock(socket),
    denyInboundUpgradedConnection: (_peer, socket) => {
      this.#done(socket)
      return false
    },
  }

  get strangers(): number {
    return this.#strangers.size
  }

  /**
   * Counts an inbound connection as a stranger's until accept(). Returns those that must go to make room: a third one
   * of the same device, and the oldest over the limit; whoever has business comes again, and nobody can hold all the places.
   */
  admit(connection: Connection): Connection[] {
    this.#strangers.add(connection)
    connection.addEventListener('close', () => this.#strangers.delete(connection), { once: true })
    const others = [...this.#strangers].filter((each) => each !== connection)
    // Two, for a person may look at a device that is being greeted.
    const same = others.filter((each) => each.remotePeer.equals(connection.remotePeer)).slice(0, -1)
    const over = this.#strangers.size - same.length - limits.strangerLinks
    const leaving = [...same, ...others.filter((each) => !same.includes(each)).slice(0, Math.max(0, over))]
    for (const each of leaving) this.#strangers.delete(each)
    return leaving
  }

  /** It is a contact's. */
  accept(connection: Connection): void {
    this.#strangers.delete(connection)
  }

  #knock(socket: MultiaddrConnection): boolean {
    const block = addressBlock(remoteAddress(socket.remoteAddr).host)
    const pending = this.#pending.get(block) ?? new Set()
    if (pending.size >= limits.pendingPerAddress) return false
    this.#pending.set(block, pending.add(socket))
    socket.addEventListener('close', () => this.#done(socket), { once: true })
    return true
  }

  #done(socket: MultiaddrConnection): void {
    const block = addressBlock(remoteAddress(socket.remoteAddr).host)
    const pending = this.#pending.get(block)
    pending?.delete(socket)
    if (pending?.size === 0) this.#pending.delete(block)
  }
}
