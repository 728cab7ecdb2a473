/** What one peer may open on one device: connections, streams, pings, hellos; with real sockets. */

import { mock } from 'node:test'
import type { Connection } from '@libp2p/interface'
import t from 'tap'
import { createNode } from '../../daemon/net/node.ts'
import { randomBytes } from 'node:crypto'
import { limits } from '../../protocol/limits.ts'
import { startPeer } from '../daemon/net/peer.ts'
import { closed, startRawPeer } from '../daemon/net/raw-peer.ts'
import { muxHead, muxOf, pause } from '../support/attacks.ts'
import { boundary, upTo } from './boundary.ts'

t.setTimeout(240_000)

/** Resolves with true once the peer read and answered everything that was sent before; with false if it ended the connection. */
async function answers(connection: Connection, hello: () => Promise<unknown>): Promise<boolean> {
  return await Promise.race([
    closed(connection).then(() => false),
    hello().then(
      () => true,
      async () => await closed(connection).then(() => false),
    ),
  ])
}

t.test('streams and pings on one connection', async (t) => {
  // What is given back with time is not judged here: on a slow machine one more would be.
  const now = performance.now()
  t.intercept(performance, 'now', { value: () => now })
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), mallory.stop()]))
  const open = async (count: number): Promise<boolean> => {
    // With a hello before: libp2p takes few streams before it is ready for them.
    const connection = await mallory.greet(alice.address())
    let stream = 1001
    const heads = Array.from({ length: count }, () => muxHead(1, 1, (stream += 2), 0))
    muxOf(connection).send(Buffer.concat(heads))
    return await answers(connection, async () => await mallory.sayHello(connection))
  }
  // The hellos before and after are two more.
  await boundary(
    t,
    'muxStreams',
    async () => await open(limits.muxStreams - 2),
    async () => await open(limits.muxStreams - 1),
    'no',
  )
  const other = await startPeer()
  const friend = await startRawPeer()
  t.teardown(async () => await Promise.all([other.net.stop(), friend.stop()]))
  const ping = async (count: number): Promise<boolean> => {
    const connection = await friend.greet(other.address())
    // Its own yamux would end the connection over answers to what it did not ask.
    Reflect.set(Reflect.get(connection, 'muxer') as object, 'handlePingResponse', () => undefined)
    muxOf(connection).send(Buffer.concat(Array.from({ length: count }, (_, at) => muxHead(2, 1, 0, at))))
    return await answers(connection, async () => await friend.sayHello(connection))
  }
  // libp2p itself pings once when a connection stands, and answers ours.
  await boundary(
    t,
    'muxPings',
    async () => await ping(limits.muxPings - 2),
    async () => await ping(limits.muxPings + 2),
    'no',
  )
})

t.test('pieces of a stream that are shorter than they need be', async (t) => {
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), mallory.stop()]))
  alice.wants.add(mallory.device)
  /** On a stream that is over, so that they mean nothing: says whether the connection still stands. */
  const send = async (count: number): Promise<boolean> => {
    const connection = await mallory.greet(alice.address())
    const piece = Buffer.concat([muxHead(0, 0, 1, 1), Buffer.of(0)])
    muxOf(connection).send(Buffer.concat(Array.from({ length: count }, () => piece)))
    return await answers(connection, async () => await mallory.sayHello(connection))
  }
  // A negotiation has a few of its own.
  await boundary(
    t,
    'muxShortFrames',
    async () => await send(limits.muxShortFrames - 16),
    async () => await send(limits.muxShortFrames + limits.muxShortFrames / 4),
    'no',
  )
})

t.test('pings, short pieces and streams are counted one by one', async (t) => {
  const [victim, mallory] = await Promise.all([startRawPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([victim.stop(), mallory.stop()]))
  const taking = new Promise<Connection>((resolve) => {
    victim.node.libp2p.addEventListener('connection:open', ({ detail }) => resolve(detail))
  })
  await mallory.dial(`/ip4/127.0.0.1/tcp/${victim.node.bound()[0]?.port}`)
  const muxer = Reflect.get(await taking, 'muxer') as { handleFrame(frame: object): void }
  // An hour later nothing of what was said so far counts any more; then no time passes.
  const time = { now: performance.now() + 3_600_000 }
  const clock = mock.method(performance, 'now', () => time.now)
  t.teardown(() => clock.mock.restore())
  const ping = { header: { type: 2, flag: 1, streamID: 0, length: 7 } }
  const piece = { header: { type: 0, flag: 0, streamID: 1001, length: 1 }, data: Uint8Array.of(0) }
  const take = (frame: object, count: number): void => {
    for (let at = 0; at < count; at += 1) muxer.handleFrame(frame)
  }
  await boundary(
    t,
    'muxPings',
    () => take(ping, limits.muxPings),
    () => take(ping, 1),
    'RATE_LIMITED',
  )
  await boundary(
    t,
    'muxShortFrames',
    () => take(piece, limits.muxShortFrames),
    () => take(piece, 1),
    'RATE_LIMITED',
  )
  let stream = 2001
  const open = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      stream += 2
      for (const flag of [1, 8]) muxer.handleFrame({ header: { type: 1, flag, streamID: stream, length: 0 } })
    }
  }
  open(limits.muxStreams)
  time.now += 1000
  await boundary(
    t,
    'muxStreamsPerSecond',
    () => open(limits.muxStreamsPerSecond),
    () => open(1),
    'RATE_LIMITED',
  )
})

t.test('streams that are opened and reset in the long run', async (t) => {
  const [victim, mallory] = await Promise.all([startRawPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([victim.stop(), mallory.stop()]))
  const taking = new Promise<Connection>((resolve) => {
    victim.node.libp2p.addEventListener('connection:open', ({ detail }) => resolve(detail))
  })
  const connection = await mallory.dial(`/ip4/127.0.0.1/tcp/${victim.node.bound()[0]?.port}`)
  const muxer = Reflect.get(await taking, 'muxer') as object
  const take = Reflect.get(muxer, 'incomingStream') as (id: number) => void
  let [taken, stream] = [0, 1001]
  const waiting = new Set<() => void>()
  Reflect.set(muxer, 'incomingStream', (id: number) => {
    taken += 1
    for (const look of waiting) look()
    Reflect.apply(take, muxer, [id])
  })
  /** True once all were taken, false once the connection ended. */
  const open = async (count: number): Promise<boolean> => {
    const most = taken + count
    const whole = new Promise<true>((resolve) => waiting.add(() => void (taken === most && resolve(true))))
    const heads = Array.from({ length: count }, () => {
      stream += 2
      return Buffer.concat([muxHead(1, 1, stream, 0), muxHead(1, 8, stream, 0)])
    })
    muxOf(connection).send(Buffer.concat(heads))
    return await Promise.race([whole, closed(connection).then(() => false)])
  }
  // Before the connection is ready for them libp2p takes few.
  for (let at = 0; at < limits.muxStreams / 8; at += 1) t.ok(await open(8))
  await pause(1000)
  await boundary(
    t,
    'muxStreamsPerSecond',
    async () => await open(limits.muxStreamsPerSecond),
    async () => await open(limits.muxStreamsPerSecond),
    'no',
  )
})

t.test('connections of one contact, and in all', async (t) => {
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), mallory.stop()]))
  alice.wants.add(mallory.device)
  const connections: Connection[] = []
  /** Whether the oldest of so many is still answered. */
  const holds = async (count: number): Promise<boolean> => {
    while (connections.length < count) connections.push(await mallory.greet(alice.address()))
    const oldest = connections[0] as Connection
    return await answers(oldest, async () => await mallory.sayHello(oldest))
  }
  await upTo(t, 'connectionsPerDevice', holds, 'no')
  t.ok(connections.slice(1).every(({ status }) => status === 'open'))
  const node = await createNode(randomBytes(32), ['/ip4/127.0.0.1/tcp/0'], {})
  const components = Reflect.get(node.libp2p, 'components') as { connectionManager: { getMaxConnections(): number } }
  const most = components.connectionManager.getMaxConnections() - limits.strangerLinks
  await boundary(
    t,
    'connections',
    () => most >= limits.connections,
    () => most >= limits.connections + 1,
    'no',
  )
})

t.test('hellos of all strangers together', async (t) => {
  const alice = await startPeer()
  t.teardown(async () => await alice.net.stop())
  const strangers = await Promise.all(Array.from({ length: 12 }, async () => await startRawPeer()))
  t.teardown(async () => await Promise.all(strangers.map(async (each) => await each.stop())))
  const connections: Connection[] = []
  for (const each of strangers) connections.push(await each.dial(alice.address()))
  const begun = performance.now()
  let [answered, refused] = [0, 0]
  const talk = async (connection: Connection, hello: () => Promise<unknown>): Promise<void> => {
    while (await answers(connection, hello)) answered += 1
    refused += 1
  }
  const all = strangers.map(async (each, at) => {
    const connection = connections[at] as Connection
    await talk(connection, async () => await each.sayHello(connection))
  })
  await Promise.all(all)
  const seconds = (performance.now() - begun) / 1000
  t.equal(refused, strangers.length)
  const allowed = limits.strangerHellos + limits.strangerHellosPerSecond * seconds
  await boundary(
    t,
    'strangerHellos',
    () => answered >= limits.strangerHellos,
    () => answered > allowed + 1,
    'no',
  )
  const perSecond = (answered - limits.strangerHellos) / seconds
  const most = limits.strangerHellosPerSecond + 1 / seconds
  await boundary(
    t,
    'strangerHellosPerSecond',
    () => perSecond <= most,
    () => perSecond > most,
    'no',
  )
})
