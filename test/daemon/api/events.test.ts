import { connect } from 'node:net'
import t from 'tap'
import { WebSocket } from 'ws'
import { coalesce } from '../../../daemon/api/events/coalesce.ts'
import { EventLog } from '../../../daemon/api/events/event-log.ts'
import type { BusEvent } from '../../../daemon/bus.ts'
import type { ServerEvent } from '../../../protocol/events.ts'
import { selfId } from '../../../protocol/ids.ts'
import { deviceOf, personOf } from '../../support/fake-owner.ts'
import { EventReader, openEvents, runApi, type RunningApi } from '../../support/running-api.ts'

/** A socket that has had its snapshot. */
async function follow(t: Parameters<typeof openEvents>[0], running: RunningApi): Promise<EventReader> {
  const { token } = await running.signIn()
  const events = await openEvents(t, running, { token })
  await events.until('snapshot')
  return events
}

t.test('a snapshot first, then each change with a growing id', async (t) => {
  const running = await runApi(t)
  const { owner, signIn } = running
  owner.meet('bob', 'accepted')
  const events = await openEvents(t, running, { token: (await signIn()).token })
  const snapshot = await events.next()
  t.match(snapshot, {
    type: 'snapshot',
    apiVersion: 1,
    version: '9.9.9',
    me: { name: 'alice' },
    peers: [],
    contacts: [{ name: 'bob' }],
  })
  const message = owner.receive('bob', 'hi')
  const first = await events.next()
  t.strictSame(first, { id: first.id, type: 'message', message })
  t.ok(first.id > snapshot.id)
  owner.see('carol')
  t.match(await events.next(), { id: first.id + 1, type: 'peer', peer: { name: 'carol' } })
  owner.lose('carol')
  t.match(await events.next(), { type: 'peer-gone', deviceId: deviceOf('carol') })
  await owner.deleteContact(personOf('bob'))
  t.match(await events.next(), { type: 'contact-gone', contactId: personOf('bob') })
  await owner.patchMe({ status: 'away' })
  t.match(await events.next(), { type: 'me', me: { status: 'away' } })
})

t.test('changes of one object within a tick are told once, as they end', async (t) => {
  const running = await runApi(t)
  const { owner } = running
  const events = await follow(t, running)
  for (let count = 0; count < 50; count += 1) owner.see('bob', { addresses: [String(count)] })
  owner.see('carol')
  owner.lose('carol')
  const [first, second] = [await events.next(), await events.next()]
  t.match([first, second], [{ type: 'peer', peer: { addresses: ['49'] } }, { type: 'peer-gone' }])
  t.equal(second.id, first.id + 1)
})

t.test('ticks of one feed within a tick keep the most of each', async (t) => {
  const pending = new Map<string, BusEvent>()
  const ticks = { type: 'ticks', conversation: selfId(personOf('a')), feed: 'f' } as const
  coalesce(pending, { ...ticks, held: 5, delivered: 2, read: 0 })
  coalesce(pending, { type: 'me' })
  coalesce(pending, { ...ticks, held: 4, delivered: 3, read: 1 })
  t.strictSame([...pending.values()], [{ type: 'me' }, { ...ticks, held: 5, delivered: 3, read: 1 }])
})

t.test('resume: only what came after, in its present state', async (t) => {
  const running = await runApi(t)
  const { owner, signIn } = running
  owner.meet('bob', 'accepted')
  const { token } = await signIn()
  const before = await openEvents(t, running, { token })
  await before.until('snapshot')
  owner.receive('bob', 'one')
  const { id } = await before.until('message')
  before.socket.terminate()
  await before.closed
  owner.receive('bob', 'two')
  owner.see('carol', { linked: false })
  const after = await openEvents(t, running, { token, after: id })
  t.match(await after.next(), { id: id + 1, type: 'message', message: { text: 'two' } })
  t.match(await after.next(), { id: id + 2, type: 'peer', peer: { name: 'carol' } })
  owner.receive('bob', 'three')
  t.match(await after.next(), { id: id + 3, type: 'message', message: { text: 'three' } })
})

t.test('resume from the future, from another run or from nowhere gives a snapshot', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  for (const after of [0, 1, 17, Number.MAX_SAFE_INTEGER]) {
    const events = await openEvents(t, running, { token, after })
    t.match(await events.next(), { type: 'snapshot' }, String(after))
  }
})

t.test('the log keeps the last events and knows what it forgot', async (t) => {
  const log = new EventLog(10, 1000)
  t.strictSame(log.after(1000, 5), [])
  for (let count = 0; count < 25; count += 1) log.append({ type: 'me' })
  t.equal(log.last, 1025)
  t.strictSame(
    log.after(1015, 100)?.map(({ id }) => id),
    [1016, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025],
  )
  t.strictSame(
    log.after(1015, 2)?.map(({ id }) => id),
    [1016, 1017],
  )
  t.equal(log.after(1014, 1), undefined, 'forgotten')
  t.equal(log.after(999, 1), undefined, 'of another run')
  t.equal(log.after(1026, 1), undefined, 'not there yet')
})

t.test('a burst arrives whole, once and in order', async (t) => {
  const running = await runApi(t)
  const { owner } = running
  owner.meet('bob', 'accepted')
  const events = await follow(t, running)
  const sent = Array.from({ length: 2000 }, (_, at) => String(at))
  for (const text of sent) owner.receive('bob', text)
  const texts: string[] = []
  while (texts.length < sent.length) texts.push((await events.until('message')).message.text)
  t.strictSame(texts, sent)
})

t.test('a reader that does not read costs no memory, and catches up by itself', async (t) => {
  const running = await runApi(t)
  const { owner } = running
  owner.meet('bob', 'accepted')
  const events = await follow(t, running)
  events.socket.pause()
  const before = process.memoryUsage()
  const text = 'x'.repeat(60_000)
  const [bob] = owner.contacts()
  const ids: number[] = []
  events.socket.on('message', (data: Buffer) => ids.push((JSON.parse(data.toString('utf8')) as ServerEvent).id))
  // The same words each time: what is measured is what is queued for the socket.
  owner.message = async (conversation, order) => ({
    id: order,
    conversation,
    from: { id: bob?.id ?? '', name: 'bob' },
    mine: false,
    text,
    at: 0,
    order,
    feed: '',
    seq: 0,
    state: 'stored',
  })
  for (let count = 0; count < 1500; count += 1) {
    owner.receive('bob', '')
    if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await new Promise((resolve) => setImmediate(resolve))
  const after = process.memoryUsage()
  t.ok(
    after.rss - before.rss < 60 * 1024 * 1024,
    `${Math.round((after.rss - before.rss) / 1e6)} MB for 90 MB of events`,
  )
  events.socket.resume()
  for (let count = 0; count < 1500; count += 1) await events.until('message')
  t.strictSame(
    ids,
    ids.toSorted((a, b) => a - b),
  )
})

t.test('an object that cannot be read is logged, and what follows is told', async (t) => {
  const running = await runApi(t)
  const { owner, logged } = running
  const events = await follow(t, running)
  owner.meet('bob', 'incoming')
  owner.contact = () => {
    throw new Error('secret')
  }
  owner.see('carol')
  t.match(await events.next(), { type: 'peer', peer: { name: 'carol' } })
  t.match(logged.join(''), /an event could not be read/)
  t.notMatch(logged.join(''), /secret/)
})

t.test('the first frame must bring a token that counts', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const [conversation] = running.owner.conversations()
  const touches = running.keys.touches
  for (const [frame, code] of [
    [{ type: 'auth', token: 'guess' }, 4401],
    [{ type: 'auth' }, 4401],
    [{ type: 'typing', conversation: conversation?.id }, 4401],
    [{ type: 'looking', conversation: conversation?.id }, 4401],
    [{ type: 'active' }, 4401],
    [{ type: 'auth', token, after: -1 }, 4400],
    [{ type: 'auth', token, extra: 1 }, 4400],
    [{ type: 'hello' }, 4400],
    ['no json', 4400],
    ['[]', 4400],
  ] as const) {
    const events = await openEvents(t, running, null)
    events.send(frame)
    t.equal(await events.closed, code, JSON.stringify(frame))
  }
  t.strictSame([running.owner.typed, running.keys.touches], [[], touches], 'nobody was heard before that')
})

t.test('typing goes in, and a second auth frame does not', async (t) => {
  const running = await runApi(t)
  const { owner } = running
  const events = await follow(t, running)
  const [conversation] = owner.conversations()
  events.send({ type: 'typing', conversation: 'unknown' })
  events.send({ type: 'typing', conversation: conversation?.id })
  owner.bus.publish({
    type: 'typing',
    conversation: selfId(owner.person),
    person: owner.person,
    until: Date.now() + 6000,
  })
  t.match(await events.until('typing'), { person: owner.person })
  events.send({ type: 'auth' })
  t.equal(await events.closed, 4400)
  t.strictSame(owner.typed, [conversation?.id])
})

t.test('the unix socket needs no token, and follows too', async (t) => {
  const running = await runApi(t)
  const socket = new WebSocket('ws://localhost/api/v1/events', { createConnection: () => connect(running.socketPath) })
  t.teardown(() => socket.terminate())
  const events = new EventReader(socket)
  socket.once('open', () => events.send({ type: 'auth' }))
  t.match(await events.next(), { type: 'snapshot' })
  running.owner.see('bob')
  t.match(await events.next(), { type: 'peer' })
})

t.test('closing is told to every socket', async (t) => {
  const running = await runApi(t)
  const events = await follow(t, running)
  running.api.setStatus('closing')
  t.match(await events.next(), { type: 'closing', reason: 'stopping' })
  t.equal(await events.closed, 1001)
})
