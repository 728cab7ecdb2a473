/** What a received message costs inside the libraries: no window update of its own, no error made and thrown away, one way up. */

import { Socket } from 'node:net'
import t from 'tap'
import type { MessageStream } from '@libp2p/interface'
import { YamuxStream } from '@libp2p/yamux/stream'
import { holdLoneLengths } from '../../../daemon/net/lone-lengths.ts'
import { scopeOf } from '../../../protocol/ids.ts'
import { startLinked } from './peer.ts'

const scope = scopeOf(new Uint8Array(32).fill(7))
const live = { is: 'live', scope, what: 1, value: new Uint8Array(200) } as const

t.test('small frames are not answered one by one with window updates, and much still flows', async (t) => {
  const original: () => void = Reflect.get(YamuxStream.prototype, 'sendWindowUpdate')
  let updates = 0
  YamuxStream.prototype.sendWindowUpdate = function (this: YamuxStream) {
    updates += 1
    Reflect.apply(original, this, [])
  }
  t.teardown(() => {
    YamuxStream.prototype.sendWindowUpdate = original
  })
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const [link] = alice.links
  if (link === undefined) throw new Error('no link')

  updates = 0
  for (let sent = 1; sent <= 100; sent += 1) {
    link.send(live)
    await bob.until(() => bob.frames.length === sent)
  }
  t.equal(updates, 0, 'a hundred small frames need no update')

  // Far more than a window: the sender would stand still if it were never told of space.
  const many = 20_000
  for (let sent = 0; sent < many; sent += 1) link.send(live)
  await bob.until(() => bob.frames.length === many + 100)
  const bytes = (many + 100) * 200
  t.ok(updates >= bytes / (1024 * 1024), `${updates} updates for ${bytes} bytes: the window opened again and again`)
  t.ok(updates < bytes / (16 * 1024), 'and not for every message')
})

t.test('no error is made for a message that is whole', async (t) => {
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const { RangeError: real } = globalThis
  let made = 0
  const counting = new Proxy(real, {
    apply: (target, self, given) => {
      made += 1
      return Reflect.apply(target, self, given) as unknown
    },
    construct: (target, given) => {
      made += 1
      return Reflect.construct(target, given) as object
    },
  })
  globalThis.RangeError = counting
  try {
    for (let sent = 1; sent <= 20; sent += 1) {
      alice.links[0]?.send(live)
      await bob.until(() => bob.frames.length === sent)
    }
  } finally {
    globalThis.RangeError = real
  }
  t.equal(bob.frames.length, 20)
  t.equal(made, 0)
})

/** What takes bytes in, whatever they come from: sockets and streams share it. */
const intake = Object.getPrototypeOf(Object.getPrototypeOf(YamuxStream.prototype)) as { onData(data: Uint8Array): void }

t.test('the length of a message goes no way of its own, and nothing is held back', async (t) => {
  const original: (data: Uint8Array) => void = Reflect.get(intake, 'onData')
  const lengths: number[] = []
  intake.onData = function (data) {
    lengths.push(data.byteLength)
    Reflect.apply(original, this, [data])
  }
  // As the kernel does where the reader wakes up between two writes; two daemons in one process never see that.
  const emit = Reflect.get(Socket.prototype, 'emit') as unknown as (...all: unknown[]) => boolean
  Reflect.set(Socket.prototype, 'emit', function (this: Socket, name: string, data: unknown, ...others: unknown[]) {
    if (name !== 'data' || !(data instanceof Uint8Array) || data.length <= 2)
      return Reflect.apply(emit, this, [name, data, ...others])
    Reflect.apply(emit, this, [name, data.subarray(0, 2)])
    return Reflect.apply(emit, this, [name, data.subarray(2)])
  })
  t.teardown(() => {
    intake.onData = original
    Reflect.set(Socket.prototype, 'emit', emit)
  })
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))

  lengths.length = 0
  for (let sent = 1; sent <= 50; sent += 1) {
    alice.links[0]?.send(live)
    await bob.until(() => bob.frames.length === sent)
  }
  t.ok(lengths.length >= 50, 'all of them came through here')
  t.notOk(lengths.includes(2), 'and none in two parts')

  // Long ones are cut wherever it happens.
  const long = { ...live, value: new Uint8Array(200_000) }
  for (let sent = 51; sent <= 80; sent += 1) {
    alice.links[0]?.send(long)
    await bob.until(() => bob.frames.length === sent)
  }
  t.equal(bob.frames.length, 80)
})

t.test('two bytes wait only where they begin a message', async (t) => {
  const came: number[][] = []
  const socket = { readBufferLength: 0, onData: (data: Uint8Array) => void came.push([...data]) }
  const decoder = { buffer: { byteLength: 0 } }
  holdLoneLengths({ stream: socket, decoder } as unknown as MessageStream)
  const comes = (...bytes: number[]): void => socket.onData(Uint8Array.from(bytes))

  comes(0, 3)
  t.same(came, [], 'a length alone waits')
  comes(7, 8, 9)
  t.same(came.splice(0), [[0, 3, 7, 8, 9]], 'and comes with what follows')
  comes(0, 2, 5, 6)
  t.same(came.splice(0), [[0, 2, 5, 6]])
  comes(0, 2)
  comes(5, 6)
  t.same(came.splice(0), [[0, 2, 5, 6]], 'the rest may be as short')
  comes(0)
  t.same(came.splice(0), [[0]])

  decoder.buffer.byteLength = 10
  comes(1, 2)
  t.same(came.splice(0), [[1, 2]], 'the end of a message does not wait')
  decoder.buffer.byteLength = 0
  socket.readBufferLength = 10
  comes(1, 2)
  t.same(came.splice(0), [[1, 2]], 'nor what comes behind bytes that were not taken yet')
  socket.readBufferLength = 0

  comes(16, 0)
  socket.onData(new Uint8Array(5000))
  t.same(
    came.splice(0).map(({ length }) => length),
    [2, 5000],
    'long pieces are not copied',
  )
})
