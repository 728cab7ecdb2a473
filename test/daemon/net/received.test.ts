/** What a received message costs inside the libraries: no window update of its own, no error made and thrown away. */

import t from 'tap'
import { YamuxStream } from '@libp2p/yamux/stream'
import { scopeOf } from '../../../protocol/ids.ts'
import { openWindow } from '../../../daemon/net/window-updates.ts'
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

t.test('who asks for much tells of the largest window at once, and once', (t) => {
  const sent: unknown[] = []
  const [window, largest, taken] = [256 * 1024, 1024 * 1024, 1000]
  // One that is open, whose opening took a few bytes.
  const stream: YamuxStream = Object.assign(Object.create(YamuxStream.prototype) as YamuxStream, {
    state: 3,
    streamId: 1,
    recvWindow: window,
    recvWindowCapacity: window - taken,
    maxStreamWindowSize: largest,
    getRTT: () => -1,
    sendFrame: (header: unknown) => sent.push(header),
  })
  openWindow(stream)
  openWindow(stream)
  t.strictSame(sent, [{ type: 1, flag: 0, streamID: 1, length: largest - window + taken }])
  t.end()
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
