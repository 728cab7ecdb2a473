/** Limits of the sockets that pages hear events on. */

import { once } from 'node:events'
import { mock } from 'node:test'
import t from 'tap'
import { limits } from '../../protocol/limits.ts'
import { deviceOf } from '../support/fake-owner.ts'
import { openEvents, runApi, type EventReader, type RunningApi } from '../support/running-api.ts'
import { boundary, upTo } from './boundary.ts'

/** A socket that has had its snapshot. */
async function follow(t: Parameters<typeof openEvents>[0], running: RunningApi): Promise<EventReader> {
  const { token } = await running.signIn()
  const events = await openEvents(t, running, { token })
  await events.until('snapshot')
  return events
}

/** Whether the daemon took everything that was said on it before, and left it open. */
async function stands({ socket, closed }: EventReader): Promise<boolean> {
  const answered = once(socket, 'pong').then(() => true)
  socket.ping()
  return await Promise.race([answered, closed.then(() => false)])
}

t.test('whoever falls behind further than the log reaches gets a snapshot', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const before = await openEvents(t, running, { token })
  const { id } = await before.until('snapshot')
  before.socket.terminate()
  let told = 0
  /** Whether somebody who was away for so many events hears them all. */
  const resumes = async (count: number): Promise<boolean> => {
    for (; told < count; told += 1) running.owner.bus.publish({ type: 'peer-gone', device: deviceOf(`peer ${told}`) })
    await new Promise((resolve) => setImmediate(resolve))
    const after = await openEvents(t, running, { token, after: id })
    const first = await after.next()
    after.socket.terminate()
    return first.type === 'peer-gone' && first.id === id + 1
  }
  await upTo(t, 'eventsKept', resumes, 'no')
  const after = await openEvents(t, running, { token, after: id })
  t.match(await after.next(), { type: 'snapshot' })
})

t.test('a socket that says nothing for five seconds is closed, and saw nothing', async (t) => {
  const running = await runApi(t)
  mock.timers.enable({ apis: ['setTimeout'] })
  const seen: unknown[] = []
  const events = await openEvents(t, running, null)
  events.socket.on('message', (data) => seen.push(data))
  running.owner.see('bob')
  const silent = async (ms: number): Promise<boolean> => {
    mock.timers.tick(ms)
    return await stands(events)
  }
  await boundary(
    t,
    'socketAuthMs',
    async () => await silent(limits.socketAuthMs - 1),
    async () => await silent(1),
    'no',
  )
  t.equal(await events.closed, 4401)
  mock.timers.reset()
  t.strictSame(seen, [])
})

t.test('a frame over the limit ends that socket only', async (t) => {
  const running = await runApi(t)
  const [loud, quiet] = [await follow(t, running), await follow(t, running)]
  loud.socket.on('error', () => undefined)
  const [conversation] = running.owner.conversations()
  const say = async (bytes: number): Promise<boolean> => {
    loud.send(JSON.stringify({ type: 'typing', conversation: conversation?.id }).padEnd(bytes))
    return await stands(loud)
  }
  await upTo(t, 'apiFrameBytes', say, 'no')
  t.equal(await loud.closed, 1009)
  t.strictSame(running.owner.typed, [conversation?.id])
  running.owner.see('bob')
  t.match(await quiet.next(), { type: 'peer' })
})

t.test('sockets without a session make room for one that has one', async (t) => {
  const running = await runApi(t)
  const oldest = await openEvents(t, running, null)
  let silent = 1
  /** Whether the oldest is still there. */
  const holds = async (count: number): Promise<boolean> => {
    for (; silent < count; silent += 1) await openEvents(t, running, null)
    return await stands(oldest)
  }
  await upTo(t, 'apiSockets', holds, 'no')
  t.equal(await oldest.closed, 4429)
  const events = await follow(t, running)
  running.owner.see('bob')
  t.match(await events.next(), { type: 'peer' })
})

t.test('of sockets that have a session the oldest makes room', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const live = async (): Promise<EventReader> => {
    const events = await openEvents(t, running, { token })
    await events.until('snapshot')
    return events
  }
  const oldest = await live()
  let open = 1
  const holds = async (count: number): Promise<boolean> => {
    for (; open < count; open += 1) await live()
    running.owner.see(`peer ${open}`)
    return await Promise.race([oldest.until('peer').then(() => true), oldest.closed.then(() => false)])
  }
  await upTo(t, 'apiSockets', holds, 'no')
})
