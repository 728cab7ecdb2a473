/** Streams for files on real sockets: who may open them, what goes over them, and what ends them. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { ChunkFrames } from '../../../protocol/blob-frames.ts'
import { blobIdOf, scopeOf } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import type { NetBlobTalk } from '../../../daemon/net/blob-talk.ts'
import { boundary } from '../../limits/boundary.ts'
import { startLinked, startPeer, type Peer } from './peer.ts'
import { startRawPeer } from './raw-peer.ts'

t.setTimeout(240_000)

const soon = (): AbortSignal => AbortSignal.timeout(60_000)
const ask = { is: 'ask', scope: scopeOf(randomBytes(32)), blob: blobIdOf(randomBytes(32)), from: 0, to: 9 } as const

async function open(from: Peer, to: Peer): Promise<[NetBlobTalk, NetBlobTalk]> {
  const { length } = to.blobs
  const here = await from.net.blob(to.device, soon())
  here.send(ask)
  await to.until(() => to.blobs.length > length)
  const there = to.blobs[length] as NetBlobTalk
  t.strictSame(await there.next(soon()), ask)
  return [here, there]
}

t.test('frames go both ways, no faster than they are taken, until either side ends it', async (t) => {
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const [here, there] = await open(alice, bob)
  const bytes = new Uint8Array(randomBytes(limits.chunkBytes + 16))
  const count = 200
  let sent = 0
  let whole = 0
  const sending = (async () => {
    for (; sent < count / 2; sent += 1) {
      there.send({ is: 'chunk', number: sent, bytes })
      await there.drained(256 * 1024)
    }
    for (; sent < count; sent += 10) {
      const frames = new ChunkFrames(sent, 10)
      for (const place of frames.places) place.set(bytes)
      there.sendChunks(frames)
      await there.drained(256 * 1024)
    }
    there.end()
  })()
  // Another stream goes on while nothing of this one is taken.
  const [other, end] = await open(alice, bob)
  end.send({ is: 'refuse', code: 1 })
  t.strictSame(await other.next(soon()), { is: 'refuse', code: 1 })
  t.ok(sent < 100, `${sent} chunks left before the first one was taken`)
  for (let number = 0; number < count; number += 1) {
    const frame = await here.next(soon())
    if (frame?.is === 'chunk' && frame.number === number && Buffer.from(frame.bytes).equals(bytes)) whole += 1
  }
  t.equal(whole, count)
  t.equal(await here.next(soon()), undefined, 'the other side ended it')
  await sending
  here.end()
  for (const each of [other, end]) each.end()
})

t.test('so many streams at a time, and places that are given back', async (t) => {
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const talks: (readonly [NetBlobTalk, NetBlobTalk])[] = []
  /** The far side ends those that are too many. */
  const more = async (): Promise<boolean> => {
    const { length } = bob.blobs
    const here = await alice.net.blob(bob.device, soon())
    here.send(ask)
    const isOpen = await Promise.race([
      bob.until(() => bob.blobs.length > length).then(() => true),
      here.next(soon()).then(() => false),
    ])
    if (isOpen) talks.push([here, bob.blobs[length] as NetBlobTalk])
    return isOpen
  }
  for (let count = 1; count < limits.blobStreams; count += 1) await more()
  await boundary(t, 'blobStreams', more, async () => limits.blobStreams > 0 && (await more()), 'no')
  for (const [here, there] of talks) {
    here.end()
    t.strictSame(await there.next(soon()), ask)
    t.equal(await there.next(soon()), undefined)
    there.end()
  }
  // Both sides have said so; that both have heard it takes a moment, for which there is no event.
  while (!(await more()));
  t.pass('one more')
})

t.test('who sends what no honest device does loses the link', async (t) => {
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const [here] = await open(alice, bob)
  here.offend()
  await bob.until(() => bob.net.links().length === 0)
  t.equal(alice.net.links().length, 0)
})

t.test('a device without a link opens none', async (t) => {
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), mallory.stop()]))
  const connection = await mallory.greet(alice.address())
  const stream = await connection.newStream('/warren/blob/1', { signal: soon() }).catch(() => undefined)
  if (stream !== undefined && stream.status === 'open')
    await new Promise((resolve) => stream.addEventListener('close', resolve))
  t.strictSame(alice.blobs, [])
  await t.rejects(alice.net.blob(mallory.device, soon()), { code: 'LINK_CLOSED' })
})
