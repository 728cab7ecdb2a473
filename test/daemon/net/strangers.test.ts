/** What strangers get: one hello, and nothing that would keep contacts out. */

import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import type { Connection } from '@libp2p/interface'
import t from 'tap'
import { joinFrames } from '../../../daemon/net/frame-bytes.ts'
import { askHello, helloProtocol } from '../../../daemon/net/hello-stream.ts'
import { encodeHello } from '../../../protocol/hello.ts'
import { limits } from '../../../protocol/limits.ts'
import { upTo } from '../../limits/boundary.ts'
import { startPeer, type Peer } from './peer.ts'
import { closed, startRawPeer, type RawPeer } from './raw-peer.ts'

const soon = (): AbortSignal => AbortSignal.timeout(60_000)

t.test('a hello carries what the greeter says, and the answer knows of the question', async (t) => {
  const [alice, bob] = await Promise.all([startPeer(), startPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  alice.wants.add(bob.device)
  const look = await alice.net.look(bob.address(), soon())
  t.match(look.hello, { wish: { is: 'nothing' }, name: 'somebody', versions: [1, 1], person: bob.person })
  t.match(bob.heard[0]?.hello, { wish: { is: 'contact', note: '' }, person: alice.person })
  t.same(bob.heard[0]?.hello.bootId, new Uint8Array(alice.net.bootId))
  t.match(bob.seen[0], { device: alice.device, source: 'manual', addresses: [] })
})

t.test('a request that is accepted later becomes a link on the connection that was held', async (t) => {
  const [alice, bob] = await Promise.all([startPeer(), startPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  alice.wants.add(bob.device)
  alice.net.keep([bob.device])
  alice.net.learn(bob.device, [bob.address()], 'manual')
  await bob.until(() => bob.heard.length === 1)
  bob.wants.add(alice.device)
  bob.net.keep([alice.device])
  await bob.net.greet(alice.device)
  await Promise.all([alice, bob].map((each) => each.until(() => each.net.links().length === 1)))
  bob.wants.delete(alice.device)
  // Whichever of bob's hellos is the first to tell her ends the connection, also under the others.
  await bob.net.greet(alice.device).catch(() => undefined)
  await Promise.all([alice, bob].map((each) => each.until(() => each.net.links().length === 0)))
  t.equal(bob.links[0]?.endedWith, 3, 'bye: not allowed')
})

t.test('a stranger cannot open sync, and nothing but hello and sync is spoken', async (t) => {
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), mallory.stop()]))
  const connection = await mallory.greet(alice.address())
  const stream = await mallory.sync(connection)
  await closed(stream)
  await closed(connection)
  t.equal(alice.links.length, 0)
  t.ok(alice.logged.includes('a device that is no contact asked for sync'))
  const before = await mallory.dial(alice.address())
  await mallory.sync(before).then(closed, () => undefined)
  t.equal(alice.links.length, 0, 'nor before any hello')
  const other = await mallory.dial(alice.address())
  for (const protocol of ['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0', '/ipfs/id/push/1.0.0']) {
    await t.rejects(other.newStream(protocol, { signal: soon() }), protocol)
  }
})

t.test('a wrong hello ends the connection and nothing else', async (t) => {
  const alices = await Promise.all(Array.from({ length: 8 }, () => startPeer()))
  const mallory = await startRawPeer()
  t.teardown(async () => await Promise.all([...alices.map(async ({ net }) => await net.stop()), mallory.stop()]))
  const good = encodeHello(mallory.hello())
  const wrong: [string, Uint8Array][] = [
    ['noise', joinFrames([randomBytes(100)])],
    ['empty', joinFrames([new Uint8Array(0)])],
    ['a length over the limit', Uint8Array.of(0, 0, 0x80, 1)],
    ['a length of 4 GiB', Uint8Array.of(255, 255, 255, 255, 1, 2, 3)],
    ['a byte too many inside', joinFrames([Buffer.concat([good, Buffer.of(0)])])],
    ['another version', joinFrames([encodeHello(mallory.hello({ versions: [2, 3] }))])],
    ['a name over the limit', joinFrames([encodeHello(mallory.hello({ name: 'x'.repeat(65) }))])],
    ['cut off', joinFrames([good]).subarray(0, 20)],
  ]
  const friend = await startRawPeer()
  t.teardown(async () => await friend.stop())
  for (const [at, [what, bytes]] of wrong.entries()) {
    const alice = alices[at] as Peer
    const connection = await mallory.dial(alice.address())
    const stream = await connection.newStream(helloProtocol, { signal: soon() })
    stream.send(bytes)
    if (what === 'cut off') await stream.close()
    await closed(connection)
    t.equal(alice.heard.length, 0, what)
    await friend.greet(alice.address())
    t.equal(alice.heard.length, 1, 'and a good one is heard afterwards')
  }
})

t.test('who says nothing is shown out, and who says too much', async (t) => {
  const hasty = startPeer({ times: { helloTimeoutMs: 200 } })
  const [carol, alice, mallory] = await Promise.all([hasty, startPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([carol.net.stop(), alice.net.stop(), mallory.stop()]))
  const idle = await mallory.dial(carol.address())
  await closed(idle)
  const slow = await mallory.dial(carol.address())
  const stream = await slow.newStream(helloProtocol, { signal: soon() })
  stream.send(Uint8Array.of(0))
  await closed(slow)
  const chatty = await mallory.greet(alice.address())
  const ended = closed(chatty)
  const answered: unknown[] = [chatty]
  for (let at = 0; at < 100 && chatty.status === 'open'; at += 1) {
    await chatty
      .newStream(helloProtocol, { signal: soon() })
      .then((each) => askHello(each, mallory.hello(), soon()))
      .then((hello) => answered.push(hello))
      .catch(() => ended)
  }
  t.equal(answered.length, 16)
})

t.test('strangers hold 32 connections at most, the newest ones, and a contact still gets in', async (t) => {
  const [alice, bob] = await Promise.all([startPeer(), startPeer()])
  const crowd = await Promise.all(Array.from({ length: limits.strangerLinks + 1 }, () => startRawPeer()))
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop(), ...crowd.map((each) => each.stop())]))
  const connections: Connection[] = []
  /** Whether the oldest is still answered when so many came. */
  const holds = async (count: number): Promise<boolean> => {
    for (const each of crowd.slice(connections.length, count)) connections.push(await each.greet(alice.address()))
    const [oldest, first] = [connections[0] as Connection, crowd[0] as RawPeer]
    return await Promise.race([
      closed(oldest).then(() => false),
      first.sayHello(oldest).then(
        () => true,
        async () => await closed(oldest).then(() => false),
      ),
    ])
  }
  await upTo(t, 'strangerLinks', holds, 'no')
  t.ok(connections.slice(1).every(({ status }) => status === 'open'))
  alice.wants.add(bob.device)
  bob.wants.add(alice.device)
  t.equal((await bob.net.look(alice.address(), soon())).linked, true)
  t.equal(connections.filter(({ status }) => status === 'open').length >= limits.strangerLinks - 1, true)
})

t.test('at most 4 handshakes of one address wait at a time, and others are let in meanwhile', async (t) => {
  const alice = await startPeer()
  const mallory = await startRawPeer()
  const sockets: Socket[] = []
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all([alice.net.stop(), mallory.stop()])
  })
  const knock = async (from: string): Promise<'open' | 'closed'> => {
    const socket = connect({ host: '127.0.0.1', port: alice.port(), localAddress: from })
    sockets.push(socket)
    const { promise, resolve } = Promise.withResolvers<'open' | 'closed'>()
    // The multistream greeting is the listener's first word: who gets it was let in.
    socket.on('data', () => resolve('open'))
    socket.on('close', () => resolve('closed'))
    socket.on('error', () => resolve('closed'))
    socket.on('connect', () => socket.write('\x13/multistream/1.0.0\n'))
    return await promise
  }
  const answers = []
  for (let at = 0; at < 6; at += 1) answers.push(await knock('127.0.0.5'))
  t.same(answers, ['open', 'open', 'open', 'open', 'closed', 'closed'])
  t.equal(await knock('127.0.0.6'), 'open', 'another address')
  await mallory.greet(alice.address())
  t.equal(alice.heard.length, 1)
})
