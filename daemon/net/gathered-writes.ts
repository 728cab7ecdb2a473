/** What is said on a socket in one go leaves in one system call: libp2p writes each few bytes by themselves. */

import { Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import { WarrenError } from '../../protocol/errors.ts'

/**
 * From now on writes wait until whatever runs now, and all that follows from it without waiting, is over. Opening a stream and
 * saying hello on it is seven writes, each of which wakes the other side and costs more than what it carries.
 */
export function gatherWrites(connection: MultiaddrConnection): void {
  const socket: unknown = Reflect.get(connection, 'socket')
  const write: unknown = Reflect.get(connection, 'sendData')
  if (!(socket instanceof Socket) || typeof write !== 'function') {
    throw new WarrenError('INTERNAL', 'this libp2p has sockets of another kind')
  }
  let gathering = false
  const leave = (): void => {
    gathering = false
    socket.uncork()
  }
  Reflect.set(connection, 'sendData', (data: unknown): unknown => {
    if (!gathering) {
      gathering = true
      socket.cork()
      process.nextTick(leave)
    }
    const sent: unknown = Reflect.apply(write, connection, [data])
    return sent
  })
}
