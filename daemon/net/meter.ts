/** Bounds what a connection may cost before its device is a contact's, and what may lie unsent on it at any time. */

import type { MultiaddrConnection } from '@libp2p/interface'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { Opening } from './negotiation.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * Counts the bytes of one socket. libp2p reads before it knows who is there, as fast as they send, and would answer pings and
 * protocol names of a peer that never reads.
 */
export class Meter {
  readonly #socket: MultiaddrConnection
  readonly #now: () => number
  readonly #opening = new Opening()
  #stranger: TokenBucket | undefined
  #handshake: number | undefined = limits.handshakeBytes

  /** `now` in milliseconds, of a clock that only goes forward. */
  constructor(socket: MultiaddrConnection, now: () => number) {
    this.#socket = socket
    this.#now = now
    this.#stranger = new TokenBucket(limits.strangerBytes, limits.strangerBytesPerSecond, now())
    // The one way in: a listener of our own would take what comes before libp2p has one.
    const pass: unknown = Reflect.get(socket, 'onData')
    if (typeof pass !== 'function') throw new WarrenError('INTERNAL', 'this libp2p has sockets of another kind')
    Reflect.set(socket, 'onData', (data: Uint8Array) => {
      if (socket.status !== 'open' || this.#allows(data)) Reflect.apply(pass, socket, [data])
    })
  }

  /** The handshake is over. */
  established(): void {
    this.#handshake = undefined
  }

  /** It is a contact's: what it sends is counted elsewhere. */
  lift(): void {
    this.#stranger = undefined
  }

  #allows(data: Uint8Array): boolean {
    try {
      this.#check(data)
      return true
    } catch (error) {
      this.#socket.abort(error instanceof Error ? error : new Error('refused'))
      return false
    }
  }

  /** Throws NOT_WARREN, RATE_LIMITED. */
  #check(data: Uint8Array): void {
    if (this.#handshake !== undefined) {
      this.#opening.check(data)
      this.#handshake -= data.byteLength
      if (this.#handshake < 0) throw new WarrenError('RATE_LIMITED', 'a handshake is too long')
    }
    if (this.#stranger?.take(data.byteLength, this.#now()) === false) {
      throw new WarrenError('RATE_LIMITED', 'a stranger sends too much')
    }
    if (this.#socket.writeBufferLength > limits.connectionBacklogBytes) {
      throw new WarrenError('RATE_LIMITED', 'a peer asks and does not read')
    }
  }
}
