/** Who may come in: knocks are counted before the handshake, strangers and the connections of one device after it. */

import type { Connection, ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import { errorCode } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { blockOf, Knocks, type KnocksDeps } from './knocks.ts'
import { Meter } from './meter.ts'
import { writeLongOnesAtOnce } from './one-write.ts'

export interface GateDeps extends KnocksDeps {
  /** A device to stay linked with: what it does is not held against its neighbours. */
  readonly isKept: (device: string) => boolean
}

/** What an address may do wrong before everybody at it is left alone: several people may share it. */
const freeStrikes = 3

/** How a connection ends whose device misbehaved. */
const offences: readonly string[] = ['RATE_LIMITED', 'TOO_LARGE']

export class Gate {
  readonly #deps: GateDeps
  readonly #knocks: Knocks
  /** By what a socket and the connection that it becomes have in common: two dials to one address have the same other end. */
  readonly #meters = new WeakMap<Connection['timeline'], Meter>()
  /** Inbound connections without a link, oldest first. */
  readonly #strangers = new Set<Connection>()
  /** Inbound connections of contacts, oldest first. */
  readonly #contacts = new Set<Connection>()

  /** What libp2p asks. */
  readonly gater: ConnectionGater

  constructor(deps: GateDeps) {
    this.#deps = deps
    this.#knocks = new Knocks(deps)
    this.gater = {
      denyInboundConnection: (socket) => {
        if (!this.#knocks.admit(socket)) return true
        this.watch(socket)
        return false
      },
      denyInboundEncryptedConnection: (peer, socket) => this.#isRefused(peer, socket),
      denyInboundUpgradedConnection: (_peer, socket) => {
        this.#knocks.done(socket)
        this.#meters.get(socket.timeline)?.established()
        return false
      },
      denyOutboundEncryptedConnection: (peer, socket) => this.#isRefused(peer, socket),
      denyOutboundUpgradedConnection: (_peer, socket) => {
        this.#meters.get(socket.timeline)?.established()
        return false
      },
    }
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

  /** It is a contact's. Returns the oldest ones that are too many for one device. */
  accept(connection: Connection): Connection[] {
    this.#meters.get(connection.timeline)?.lift()
    this.#strangers.delete(connection)
    if (connection.direction !== 'inbound' || this.#contacts.has(connection)) return []
    this.#contacts.add(connection)
    connection.addEventListener('close', () => this.#contacts.delete(connection), { once: true })
    const same = [...this.#contacts].filter((each) => each.remotePeer.equals(connection.remotePeer))
    return same.slice(0, Math.max(0, same.length - limits.connectionsPerDevice))
  }

  /** A device sent what no honest one sends: it is left alone for a while, and so are strangers where it came from. */
  offend(connection: Connection): void {
    this.#offend(connection.remotePeer.toString(), connection)
  }

  #offend(device: string | undefined, at: MultiaddrConnection | Connection): void {
    const { penalties, isKept } = this.#deps
    if (device !== undefined) penalties.offend(device)
    if (device === undefined || !isKept(device)) penalties.offend(blockOf(at), freeStrikes)
  }

  #isRefused(peer: PeerId, socket: MultiaddrConnection): boolean {
    const device = peer.toString()
    socket.addEventListener('close', ({ error }) => {
      if (offences.includes(errorCode(error))) this.#offend(device, socket)
    })
    return this.#deps.penalties.waitMs(device) > 0
  }

  /** Counts what comes on a socket from its first byte on. */
  watch(socket: MultiaddrConnection): void {
    this.#meters.set(socket.timeline, new Meter(socket, this.#deps.now))
    writeLongOnesAtOnce(socket)
  }
}
