/** Waits on the network and of the local API as they really are, all at the same time: never shorter than the limit says, and they end. */

import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { mock } from 'node:test'
import type { Connection, Stream } from '@libp2p/interface'
import t from 'tap'
import { readFrame } from '../../protocol/frames.ts'
import { limits, type Limits } from '../../protocol/limits.ts'
import { splitFrames } from '../../daemon/net/frame-bytes.ts'
import { Readable } from '../../daemon/net/readable.ts'
import { Stall } from '../../daemon/net/stall.ts'
import { defaultTimes } from '../../daemon/net/times.ts'
import { createAsk } from '../../daemon/push/ask.ts'
import { closed, startRawPeer, type RawPeer } from '../daemon/net/raw-peer.ts'
import { startPeer, type Peer } from '../daemon/net/peer.ts'
import { startWire } from '../daemon/net/wire.ts'
import { framesOf, rawPeer } from '../support/raw-peer.ts'
import { fakeScope } from '../support/fake-device.ts'
import { fakeSync } from '../support/fake-sync.ts'
import { runApi } from '../support/running-api.ts'
import { VirtualTime } from '../support/virtual-time.ts'
import { boundary, lasts, upTo } from './boundary.ts'

t.setTimeout(240_000)

async function hostile(wants = true): Promise<{ alice: Peer; mallory: RawPeer }> {
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  if (wants) alice.wants.add(mallory.device)
  return { alice, mallory }
}

const muxerOf = (connection: Connection): { createStream(): Promise<Stream> } =>
  Reflect.get(connection, 'muxer') as { createStream(): Promise<Stream> }

t.test('the waits that a peer or a page can cause', async (t) => {
  const started: { net: { stop(): Promise<void> } }[] = []
  const own = <T extends { alice: Peer; mallory: RawPeer }>(both: T): T => {
    started.push(both.alice, { net: both.mallory })
    return both
  }
  t.teardown(async () => {
    await Promise.all(started.map(async ({ net }) => await net.stop()))
  })
  const handshake = async (): Promise<void> => {
    const { alice } = own(await hostile())
    await lasts(t, 'handshakeTimeoutMs', async () => {
      const socket = connect({ host: '127.0.0.1', port: alice.port() })
      await new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve))
    })
  }
  const hello = async (): Promise<void> => {
    const { alice, mallory } = own(await hostile())
    await lasts(t, 'helloTimeoutMs', async () => await closed(await mallory.dial(alice.address())))
  }
  const firstByte = async (): Promise<void> => {
    const { alice, mallory } = own(await hostile())
    const connection = await mallory.dial(alice.address())
    await lasts(t, 'firstByteTimeoutMs', async () => await closed(await muxerOf(connection).createStream()))
  }
  const dial = async (): Promise<void> => {
    const { alice } = own(await hostile())
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    await lasts(t, 'dialTimeoutMs', async () => {
      await t.rejects(alice.net.look(`127.0.0.1:${port}`, AbortSignal.timeout(60_000)), { code: 'TIMED_OUT' })
    })
    silent.close()
  }
  const bye = async (): Promise<void> => {
    const { alice, mallory } = own(await hostile())
    const connection = await mallory.greet(alice.address())
    await mallory.sync(connection)
    await alice.until(() => alice.net.links().length === 1)
    // A peer that neither reads nor closes.
    const ended = closed(connection)
    await lasts(t, 'byeDrainMs', async () => {
      await alice.net.links()[0]?.close(0)
      await ended
    })
  }
  const heartbeat = async (): Promise<void> => {
    const { alice, mallory } = own(await hostile())
    const connection = await mallory.greet(alice.address())
    // The other end begins to count before this one knows that the stream is there.
    const before = performance.now()
    const stream = await mallory.sync(connection)
    const beats = async (): Promise<void> => {
      for await (const frame of splitFrames(1024)(new Readable(stream).pieces())) {
        if (readFrame(frame).is === 'heartbeat') return
      }
    }
    await lasts(t, 'heartbeatEveryMs', beats, performance.now() - before)
  }
  const lost = async (): Promise<void> => {
    const bob = await startPeer()
    const alice = await startPeer({ wants: [bob.device] })
    bob.wants.add(alice.device)
    started.push(alice, bob)
    const wire = await startWire(bob.port())
    await alice.net.look(`127.0.0.1:${wire.port}`, AbortSignal.timeout(60_000))
    const [link] = alice.net.links()
    wire.silence()
    await lasts(t, 'heartbeatLostMs', async () => await alice.until(() => link?.closed.aborted === true), 100)
    wire.stop()
  }
  const { listeners } = await runApi(t)
  const cutOff = async (words: string): Promise<void> => {
    const socket = connect({ host: '127.0.0.1', port: listeners.port })
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(words)
    await new Promise((resolve) => socket.on('close', resolve))
  }
  const front = `HTTP/1.1\r\nhost: 127.0.0.1:${listeners.port}\r\ncontent-type: application/json\r\n`
  // Whoever begins a request and does not go on: node looks once a second.
  const headers = async (): Promise<void> =>
    await lasts(t, 'apiHeadersMs', async () => await cutOff('GET /api/v1/health HTTP/1.1\r\nhost: 127'))
  const request = async (): Promise<void> =>
    await lasts(t, 'apiRequestMs', async () => {
      await cutOff(`POST /api/v1/session/pair ${front}content-length: 100\r\n\r\n{`)
    })
  // A push server that takes a request and says nothing.
  const mute = createHttpServer(() => undefined)
  await new Promise<void>((resolve) => void mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as AddressInfo
  const ask = createAsk(() => ({ loopback: true, ownPorts: [] }), new AbortController().signal)
  const asked = async (timeoutMs: number): Promise<void> => {
    await t.rejects(ask(`http://127.0.0.1:${port}`, { method: 'GET', path: '/', timeoutMs }), { code: 'TIMED_OUT' })
  }
  const pushServer = async (): Promise<void> => {
    await Promise.all([
      lasts(t, 'pushAnswerMs', async () => await asked(limits.pushAnswerMs)),
      lasts(t, 'wakeAnswerMs', async () => await asked(limits.wakeAnswerMs)),
    ])
    mute.close()
  }
  const peers = [handshake(), hello(), firstByte(), dial(), bye(), heartbeat(), lost()]
  await Promise.all([...peers, headers(), request(), pushServer()])
})

t.test('a frame that is not ended, and bytes that are not taken', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  /** Says whether the link still stands at a look so long after the first, if nothing moved since. */
  const stalling = (what: 'reading' | 'writing'): ((ms: number) => boolean) => {
    const state = { now: 0, isOver: false }
    const stall = new Stall(
      {
        isWithinFrame: () => what === 'reading',
        whole: () => 3,
        backlog: () => (what === 'writing' ? 1 : 0),
        taken: () => 7,
        now: () => state.now,
        stalled: () => {
          state.isOver = true
        },
      },
      defaultTimes,
    )
    t.teardown(() => stall.stop())
    return (ms) => {
      state.now = ms
      mock.timers.tick(Math.min(limits.frameTimeoutMs, limits.writeTimeoutMs) / 10)
      return !state.isOver
    }
  }
  const [reads, writes] = [stalling('reading'), stalling('writing')]
  t.ok(reads(0) && writes(0))
  await upTo(t, 'frameTimeoutMs', reads, 'no')
  await upTo(t, 'writeTimeoutMs', writes, 'no')
})

t.test('a digest goes out once a minute or so', async (t) => {
  const time = new VirtualTime(3)
  const alice = fakeSync(time, 1)
  const scope = fakeScope(1)
  const mallory = rawPeer(time, alice, 9)
  alice.log.share(scope, mallory.device.id)
  await time.pass(100)
  mallory.received.length = 0
  const silent = async (ms: number): Promise<boolean> => {
    await time.pass(ms)
    return framesOf(mallory.received, 'offer').length === 0
  }
  await boundary(
    t,
    'digestEveryMs',
    async () => await silent(limits.digestEveryMs * 0.8 - 200),
    async () => await silent(limits.digestEveryMs * 0.4 + 200),
    'no',
  )
})

t.test('every wait of the network is the one of the limits', async (t) => {
  const named = Object.keys(defaultTimes).filter((each) => each in limits) as (keyof typeof defaultTimes &
    keyof Limits)[]
  t.ok(named.length >= 12)
  for (const each of named) t.equal(defaultTimes[each], limits[each], each)
})
