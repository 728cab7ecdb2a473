/** NetLink keeps the contract of links, stands up to peers that break the protocol, and is fast enough. */

import t from 'tap'
import type { SyncFrame } from '../../../daemon/net/net-link.ts'
import { joinFrames } from '../../../daemon/net/frame-bytes.ts'
import type { Times } from '../../../daemon/net/times.ts'
import { encodeFrame, type Frame } from '../../../protocol/frames.ts'
import { encode } from '../../../protocol/codec.ts'
import { linkContract } from '../../contracts/link.ts'
import { startLinked, startPair, startPeer, type Peer } from './peer.ts'
import { startWire } from './wire.ts'
import { closed, startRawPeer, type RawPeer } from './raw-peer.ts'

linkContract(t, 'NetLink', async () => {
  const [alice, bob] = await startPair({ reads: false })
  const wire = await startWire(bob.port())
  await alice.net.look(`127.0.0.1:${wire.port}`, AbortSignal.timeout(60_000))
  await bob.until(() => bob.net.links().length === 1)
  const [here] = alice.net.links()
  const [there] = bob.net.links()
  if (here === undefined || there === undefined) throw new Error('not linked')
  const stop = async (): Promise<void> => {
    await Promise.all([alice.net.stop(), bob.net.stop()])
    wire.stop()
  }
  return { here, there, cut: () => wire.cut(), stop }
})

async function hostile(
  reads = true,
  times: Partial<Times> = {},
): Promise<{ alice: Peer; mallory: RawPeer; stop: () => Promise<unknown> }> {
  const [alice, mallory] = await Promise.all([
    startPeer({ reads, times: { byeDrainMs: 100, ...times } }),
    startRawPeer(),
  ])
  alice.wants.add(mallory.device)
  return { alice, mallory, stop: () => Promise.all([alice.net.stop(), mallory.stop()]) }
}

t.test('a bad frame ends that session only, is logged once, and the others go on', async (t) => {
  const { alice, mallory, stop } = await hostile(true, { penaltyFirstMs: 0 })
  const bob = await startPeer({ wants: [alice.device] })
  alice.wants.add(bob.device)
  t.teardown(async () => await Promise.all([stop(), bob.net.stop()]))
  await bob.net.look(alice.address(), AbortSignal.timeout(60_000))
  const live = encodeFrame({ is: 'live', scope: bob.person, what: 1, value: 7 })
  const bad: [string, Uint8Array][] = [
    ['no CBOR', joinFrames([Uint8Array.of(0xff, 0xff)])],
    ['an empty frame', joinFrames([new Uint8Array(0)])],
    ['a wrong shape', joinFrames([encode([0, 'offer'])])],
    ['a byte too many', joinFrames([Buffer.concat([live, Buffer.of(0)])])],
    ['a length over 1 MiB', Uint8Array.of(0, 0x10, 0, 1)],
    ['a control frame over 256 KiB', joinFrames([encode([7, new Uint8Array(32), 1, new Uint8Array(257 * 1024)])])],
    ['a good frame, then a bad one', joinFrames([live, Uint8Array.of(1)])],
  ]
  for (const [what, bytes] of bad) {
    const connection = await mallory.greet(alice.address())
    const stream = await mallory.sync(connection)
    await alice.until(() => alice.net.links().length === 2)
    const link = alice.links.at(-1)
    stream.send(bytes)
    await closed(connection)
    t.equal(link?.endedWith, 2, what)
  }
  t.equal(alice.frames.length, 1, 'the good frame was read')
  const logged = alice.logged.filter((each) => each === 'a link ended after a bad frame')
  t.equal(logged.length, bad.length)
  bob.net.links()[0]?.send({ is: 'live', scope: bob.person, what: 1, value: 8 })
  await alice.until(() => alice.frames.length === 2)
  t.equal(alice.net.links().length, 1)
})

t.test('a stream that ends inside a frame, or is reset, just ends the link', async (t) => {
  const { alice, mallory, stop } = await hostile()
  t.teardown(stop)
  for (const how of ['close', 'abort'] as const) {
    const connection = await mallory.greet(alice.address())
    const stream = await mallory.sync(connection)
    await alice.until(() => alice.net.links().length === 1)
    stream.send(joinFrames([encodeFrame({ is: 'bye', code: 0, text: 'cut' })]).subarray(0, 6))
    if (how === 'close') await stream.close()
    else stream.abort(new Error('reset'))
    await alice.until(() => alice.net.links().length === 0)
    t.equal(alice.frames.length, 0, how)
  }
})

t.test('frames of a newer Warren are ignored, heartbeats are answered', async (t) => {
  const { alice, mallory, stop } = await hostile()
  t.teardown(stop)
  const stream = await mallory.sync(await mallory.greet(alice.address()))
  const live: Frame = { is: 'live', scope: alice.net.device as never, what: 1, value: 7 }
  const answered = Promise.withResolvers<Uint8Array>()
  stream.addEventListener('message', ({ data }) => answered.resolve(data.subarray()))
  stream.send(
    joinFrames([
      encode([999, 'anything']),
      encodeFrame({ is: 'heartbeat', number: 41, answer: false }),
      encodeFrame({ ...live, scope: alice.person }),
    ]),
  )
  await alice.until(() => alice.frames.length === 1)
  t.same(
    Buffer.from(await answered.promise),
    Buffer.from(joinFrames([encodeFrame({ is: 'heartbeat', number: 41, answer: true })])),
  )
  t.equal(alice.net.links().length, 1)
})

t.test('a second sync stream on one connection is refused', async (t) => {
  const { alice, mallory, stop } = await hostile()
  t.teardown(stop)
  const connection = await mallory.greet(alice.address())
  await mallory.sync(connection)
  await alice.until(() => alice.net.links().length === 1)
  await closed(await mallory.sync(connection))
  t.equal(alice.net.links().length, 1)
})

t.test('a reader that stands still bounds what is taken from the wire', async (t) => {
  const { alice, mallory, stop } = await hostile(false)
  t.teardown(stop)
  const connection = await mallory.greet(alice.address())
  const stream = await mallory.sync(connection)
  await alice.until(() => alice.net.links().length === 1)
  const piece = joinFrames([encodeFrame({ is: 'live', scope: alice.person, what: 1, value: new Uint8Array(100_000) })])
  for (let at = 0; at < 200; at += 1) stream.send(piece)
  // Hellos on the same connection come after what was let through before them.
  for (let at = 0; at < 5; at += 1) await mallory.sayHello(connection)
  const taken = 200 * piece.length - stream.writeBufferLength
  t.comment(`${taken} of ${200 * piece.length} bytes were taken for a reader that stands still`)
  t.ok(taken < 2_500_000)
  let read = 0
  for await (const frame of alice.net.links()[0]?.frames ?? []) {
    if (frame.is === 'live') read += 1
    if (read === 200) break
  }
  t.equal(read, 200, 'and nothing is lost')
})

t.test('thousands of small frames and large ones arrive whole and in order', async (t) => {
  const [alice, bob] = await startLinked({ reads: false })
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const [here] = alice.net.links()
  const [there] = bob.net.links()
  if (here === undefined || there === undefined) throw new Error('not linked')
  const frames = there.frames[Symbol.asyncIterator]()
  const run = async (count: number, bytes: number): Promise<void> => {
    const value = new Uint8Array(bytes)
    const write = async (): Promise<void> => {
      for (let at = 0; at < count; at += 1) {
        here.send({ is: 'live', scope: alice.person, what: at % 65_536, value })
        if (here.backlog > 1_000_000) await here.drained(500_000)
      }
    }
    const wrong: number[] = []
    const read = async (): Promise<void> => {
      for (let at = 0; at < count; at += 1) {
        const next: IteratorResult<SyncFrame, unknown> = await frames.next()
        const isRight = next.done !== true && next.value.is === 'live' && next.value.what === at % 65_536
        if (!isRight) wrong.push(at)
      }
    }
    await Promise.all([write(), read()])
    t.same(wrong, [], `${count} frames of ${bytes} bytes`)
  }
  await run(30_000, 100)
  await run(100, 256 * 1024 - 100)
})
