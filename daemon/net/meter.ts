/** Bounds what a connection may cost before its device is a contact's, and what may lie unsent on it at any time. */

import type { MultiaddrConnection } from '@libp2p/interface'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { TokenBucket } from './token-bucket.ts'

type OnData = (data: Uint8Array) => void

/**
 * Counts the bytes of one socket. libp2p reads before it knows who is there, as fast as they send, and would answer pings and
 * protocol names of a peer that never reads.
 */
export class Meter {
  readonly #socket: MultiaddrConnection
  #bucket: TokenBucket | undefined = new TokenBucket(
    limits.strangerBytes,
    limits.strangerBytesPerSecond,
    performance.now(),
  )

  constructor(socket: MultiaddrConnection) {
    this.#socket = socket
    // The one way in: a listener of our own would take what comes before libp2p has one.
    const pass: unknown = Reflect.get(socket, 'onData')
    if (typeof pass !== 'function') return
    const onData: OnData = (data) => {
      if (this.#allows(data.byteLength)) Reflect.apply(pass, socket, [data])
    }
    Reflect.set(socket, 'onData', onData)
  }

  /** It is a contact's: what it sends is counted elsewhere. */
  lift(): void {
    this.#bucket = undefined
  }

  #allows(bytes: number): boolean {
    if (this.#socket.status !== 'open') return true
    if (this.#bucket?.take(bytes, performance.now()) === false) return this.#end('a stranger sends too much')
    if (this.#socket.writeBufferLength > limits.connectionBacklogBytes)
      return this.#end('a peer asks and does not read')
    return true
  }

  #end(why: string): false {
    this.#socket.abort(new WarrenError('RATE_LIMITED', why))
    return false
  }
}
