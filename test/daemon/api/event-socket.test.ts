import { mock } from 'node:test'
import t from 'tap'
import type { WebSocket } from 'ws'
import { EventSocket } from '../../../daemon/api/events/event-socket.ts'
import { FakeOwner } from '../../support/fake-owner.ts'

t.test('a reader that takes nothing for ten seconds is dropped with a code', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const codes: unknown[] = []
  const stuck = {
    bufferedAmount: 2 ** 30,
    send: () => undefined,
    close: (code: number) => codes.push(code),
    on: () => stuck,
  }
  const socket = new EventSocket(stuck as unknown as WebSocket, {
    last: () => 1,
    after: async () => undefined,
    snapshot: () => ({ id: 1, type: 'me', me: new FakeOwner('alice').me() }),
    authenticate: () => undefined,
    typing: () => undefined,
    active: () => undefined,
    onLive: () => undefined,
    onEnd: () => codes.push('end'),
    onFailed: (error) => codes.push(error),
  })
  socket.receive('{"type":"auth"}')
  await new Promise((resolve) => setImmediate(resolve))
  mock.timers.tick(9999)
  t.strictSame(codes, [])
  mock.timers.tick(1)
  await new Promise((resolve) => setImmediate(resolve))
  mock.timers.reset()
  t.strictSame(codes, ['end', 4408])
})
