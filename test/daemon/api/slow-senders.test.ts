import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { mock } from 'node:test'
import t from 'tap'
import { endSlowSenders } from '../../../daemon/api/slow-senders.ts'

mock.timers.enable({ apis: ['setInterval'] })
t.teardown(() => mock.timers.reset())

/** A request that has begun; `cut` is what its sender was told before the connection ended. */
function begun(method: string, headers: IncomingMessage['headers'] = { 'content-length': '100' }) {
  const server = new EventEmitter()
  const state = { bytesRead: 0, destroyed: false, writable: true, told: '' }
  const socket = Object.assign(state, {
    write: (text: string) => void (state.told += text),
    destroy: () => void (state.destroyed = true),
  })
  const request = Object.assign(new EventEmitter(), { method, headers, socket, complete: false })
  endSlowSenders(server as unknown as Server, {
    requestMs: 30_000,
    checkMs: 1000,
    isFile: (each) => each.method === 'PUT',
  })
  server.emit('request', request, { headersSent: false })
  const pass = (seconds: number, bytesEach = 0): void => {
    for (let second = 0; second < seconds; second += 1) {
      state.bytesRead += bytesEach
      mock.timers.tick(1000)
    }
  }
  return { request, state, pass }
}

t.test('a body is whole in time, whatever trickles in', async (t) => {
  const slow = begun('POST')
  slow.pass(29, 1)
  t.notOk(slow.state.destroyed)
  slow.pass(1, 1)
  t.ok(slow.state.destroyed)
  t.match(slow.state.told, /^HTTP\/1\.1 408 /)
  const done = begun('POST')
  done.request.complete = true
  done.pass(60)
  t.notOk(done.state.destroyed, 'one that is whole')
  const over = begun('POST')
  over.request.emit('close')
  over.pass(60)
  t.notOk(over.state.destroyed, 'one that is over')
  const none = begun('POST', {})
  none.pass(60)
  t.notOk(none.state.destroyed, 'one that has no body')
  const chunked = begun('POST', { 'transfer-encoding': 'chunked' })
  chunked.pass(30)
  t.ok(chunked.state.destroyed)
})

t.test('a file may take as long as it needs, as long as it goes on', async (t) => {
  const { state, pass } = begun('PUT')
  pass(3600, 1)
  t.notOk(state.destroyed)
  pass(29)
  t.notOk(state.destroyed)
  pass(1, 1)
  pass(29)
  t.notOk(state.destroyed)
  pass(1)
  t.ok(state.destroyed)
})
