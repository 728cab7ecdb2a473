/** A socket as the gate sees it: an address, bytes that come, and whether it was ended. */

import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { WarrenError } from '../../protocol/errors.ts'

let port = 1000

export class FakeSocket extends EventTarget {
  readonly remoteAddr: Multiaddr
  status: 'open' | 'aborted' = 'open'
  writeBufferLength = 0
  taken = 0
  endedWith: string | undefined

  constructor(host = '10.0.0.1') {
    super()
    port += 1
    this.remoteAddr = multiaddr(`/ip4/${host}/tcp/${port}`)
  }

  /** libp2p's own way in, until a meter stands before it. */
  onData(data: Uint8Array): void {
    this.taken += data.byteLength
  }

  abort(error: Error): void {
    this.status = 'aborted'
    this.endedWith = (error as WarrenError).code
    this.dispatchEvent(Object.assign(new Event('close'), { error }))
  }

  close(): void {
    this.status = 'aborted'
    this.dispatchEvent(new Event('close'))
  }

  get isOpen(): boolean {
    return this.status === 'open'
  }

  get asConnection(): MultiaddrConnection {
    return this as unknown as MultiaddrConnection
  }
}
