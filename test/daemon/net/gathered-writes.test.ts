/** What is said in one go leaves in one write, whole and in order, also where the end comes at once. */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import t, { type Test } from 'tap'
import { gatherWrites } from '../../../daemon/net/gathered-writes.ts'

/** A real socket as libp2p holds it, how often it was written to, and what came of that at the other end. */
async function gathering(t: Test) {
  const heard: Buffer[] = []
  const ended = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('data', (data) => heard.push(data)).on('end', () => ended.resolve())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const socket: Socket = connect(address.port, '127.0.0.1')
  await once(socket, 'connect')
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  let writes = 0
  for (const name of ['_write', '_writev'] as const) {
    const write: unknown = Reflect.get(socket, name)
    Reflect.set(socket, name, (...all: unknown[]): void => {
      writes += 1
      if (typeof write === 'function') Reflect.apply(write, socket, all)
    })
  }
  const connection = { socket, sendData: (data: Uint8Array) => ({ canSendMore: socket.write(data) }) }
  gatherWrites(connection as unknown as MultiaddrConnection)
  const say = (text: string): boolean => connection.sendData(Buffer.from(text)).canSendMore
  const all = async (): Promise<string> => {
    await ended.promise
    return Buffer.concat(heard).toString()
  }
  return { socket, say, all, writes: () => writes }
}

t.test('what follows without waiting leaves in one write, and what comes later in the next', async (t) => {
  const { socket, say, all, writes } = await gathering(t)
  await new Promise<void>((resolve) => void setImmediate(resolve))
  for (const word of ['a', 'b', 'c']) {
    t.equal(say(word), true)
    await Promise.resolve()
  }
  await new Promise<void>((resolve) => void setImmediate(resolve))
  t.equal(writes(), 1)
  say('d')
  await new Promise<void>((resolve) => void setImmediate(resolve))
  t.equal(writes(), 2)
  say('e')
  say('f')
  socket.end()
  t.equal(await all(), 'abcdef')
  t.equal(writes(), 3)
})

t.test('a library whose sockets are of another kind is refused', (t) => {
  t.throws(() => gatherWrites({} as unknown as MultiaddrConnection), { code: 'INTERNAL' })
  t.end()
})
