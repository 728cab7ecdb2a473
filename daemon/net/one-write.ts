/** One system call for a long message: the library makes one for each of its pieces, two of which have a few bytes. */

import { Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import { longBytes } from './long-cipher.ts'

interface Pieces extends Iterable<Uint8Array> {
  readonly byteLength: number
}

interface Sent {
  readonly sentBytes: number
  /** False: it says when it can take more. */
  readonly canSendMore: boolean
}

/**
 * From now on long messages leave at once. Short ones leave as before: their first piece wakes the other end up, which is quicker than to
 * put them together.
 */
export function writeLongOnesAtOnce(connection: MultiaddrConnection): void {
  const socket: unknown = Reflect.get(connection, 'socket')
  const send: unknown = Reflect.get(connection, 'sendData')
  if (!(socket instanceof Socket) || typeof send !== 'function') return
  const sendData = (pieces: Pieces): Sent => {
    if (pieces.byteLength < longBytes) return Reflect.apply(send, connection, [pieces]) as Sent
    let canSendMore = true
    socket.cork()
    for (const piece of pieces) canSendMore = socket.write(piece)
    socket.uncork()
    return { sentBytes: pieces.byteLength, canSendMore }
  }
  Reflect.set(connection, 'sendData', sendData)
}
