/** One authenticated connection to a device, and what was said on it so far. */

import type { Connection } from '@libp2p/interface'
import type { Hello } from '../../protocol/hello.ts'
import { readDeviceId, type DeviceId } from '../../protocol/ids.ts'
import { remoteAddress } from './address.ts'
import type { Verdict } from './greeter.ts'
import { addressKind, isPrivateAddress } from './ip.ts'
import type { NetLink } from './net-link.ts'

export class Meeting {
  readonly connection: Connection
  readonly device: DeviceId
  /** Where the peer is, a multiaddr without PeerId; its port is of no use to others if it came to us. */
  readonly address: string
  readonly host: string
  readonly privateAddress: boolean
  readonly inbound: boolean
  /** What our greeter made of the peer's last hello. */
  verdict: Verdict | undefined
  hello: Hello | undefined
  link: NetLink | undefined
  /** The peer was shown that another copy of it runs. */
  knowsTwin = false
  /** The highest link number that either side gave on this connection. */
  ourNumber = 0
  theirNumber = 0
  boot = 0
  /** Hellos that the peer began, and how many are under way. */
  asked = 0
  answering = 0
  #leaving = false
  readonly #deadlines: NodeJS.Timeout[] = []
  /** Our own hellos go one after the other. */
  turn: Promise<unknown> = Promise.resolve()

  constructor(connection: Connection) {
    const address = remoteAddress(connection.remoteAddr)
    this.connection = connection
    this.device = readDeviceId(connection.remotePeer.toString())
    this.address = address.text
    this.host = address.host
    this.privateAddress = isPrivateAddress(address.host)
    this.inbound = connection.direction === 'inbound'
  }

  /** How it would be listed if nothing else speaks of it. */
  get source(): 'tailnet' | 'manual' {
    return addressKind(this.host) === 'tailnet' ? 'tailnet' : 'manual'
  }

  /** False also while it is being closed, or a link on it says bye. */
  get open(): boolean {
    return !this.#leaving && this.connection.status === 'open' && this.link?.closed.aborted !== true
  }

  /** Runs `task` after `ms`, unless the connection is closed by then. */
  after(ms: number, task: () => void): void {
    this.#deadlines.push(setTimeout(task, ms).unref())
  }

  /** The connection is closed. */
  over(): void {
    for (const each of this.#deadlines) clearTimeout(each)
  }

  /** Ends the connection; a link on it must be closed first, with a bye. */
  leave(ms: number): Promise<void> {
    const { connection } = this
    this.#leaving = true
    return connection.close({ signal: AbortSignal.timeout(ms) }).catch((error: unknown) => {
      connection.abort(error instanceof Error ? error : new Error('closed'))
    })
  }
}
