/** How soon a peer that went is seen gone: frozen, killed, cut off, or with a bye. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { startChild, type Child } from '../../net/child.ts'
import { startPeer, type Peer } from './peer.ts'
import { startWire } from './wire.ts'

async function linkedChild(): Promise<{ alice: Peer; child: Child }> {
  const alice = await startPeer()
  const child = await startChild(randomBytes(32), { wants: [alice.device], listen: ['/ip4/127.0.0.1/tcp/0'] })
  alice.wants.add(child.device)
  child.tell({ do: 'learn', device: alice.device, addresses: [alice.address()] })
  await alice.until(() => alice.net.links().length === 1)
  return { alice, child }
}

async function endOf(alice: Peer): Promise<number> {
  const start = performance.now()
  await alice.until(() => alice.net.links().length === 0)
  return performance.now() - start
}

t.setTimeout(240_000)

/** Well under the 14 s after which silence ends a link, and long enough for a machine that does something else meanwhile. */
const mostAtOnceMs = 8000

t.test(
  'a frozen peer is seen gone 14 s after its last sign, and linked again when it thaws',
  { timeout: 120_000 },
  async (t) => {
    const { alice, child } = await linkedChild()
    t.teardown(async () => await Promise.all([child.stop(), alice.net.stop()]))
    child.kill('SIGSTOP')
    const ms = await endOf(alice)
    t.comment(`seen gone after ${Math.round(ms)} ms`)
    // Without a watch it would not end at all.
    t.ok(ms > 9000 && ms < 20_000, `${ms}`)
    child.kill('SIGCONT')
    await alice.until(() => alice.net.links().length === 1)
  },
)

t.test('a killed peer is seen gone at once', async (t) => {
  const { alice, child } = await linkedChild()
  t.teardown(() => alice.net.stop())
  child.kill('SIGKILL')
  const ms = await endOf(alice)
  t.comment(`seen gone after ${Math.round(ms)} ms`)
  t.ok(ms < mostAtOnceMs, `${ms}`)
})

t.test('a peer that says bye is seen gone at once, and stop() is quick', async (t) => {
  const { alice, child } = await linkedChild()
  t.teardown(() => alice.net.stop())
  const start = performance.now()
  await Promise.all([child.stop(), endOf(alice)])
  t.ok(performance.now() - start < mostAtOnceMs)
  t.equal(alice.links[0]?.endedWith, 0)
})

t.test('stop() does not wait until a frozen peer is seen gone', async (t) => {
  const { alice, child } = await linkedChild()
  child.kill('SIGSTOP')
  const start = performance.now()
  await alice.net.stop()
  const ms = performance.now() - start
  t.ok(ms < mostAtOnceMs, `${ms}`)
  await child.stop()
})

t.test('a link whose wire falls silent ends, with short times, and a stalled reader does not end it', async (t) => {
  const times = { heartbeatEveryMs: 100, heartbeatLostMs: 1500 }
  const [alice, bob] = await Promise.all([startPeer({ times }), startPeer({ times, reads: false })])
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  alice.wants.add(bob.device)
  bob.wants.add(alice.device)
  const wire = await startWire(bob.port())
  t.teardown(() => wire.stop())
  await alice.net.look(`127.0.0.1:${wire.port}`, AbortSignal.timeout(60_000))
  await bob.until(() => bob.net.links().length === 1)
  const [link] = alice.net.links()
  for (let at = 0; at < 20; at += 1) {
    link?.send({ is: 'live', scope: alice.person, what: 1, value: new Uint8Array(200_000) })
  }
  const held = bob.net.links()[0]
  const start = performance.now()
  let read = 0
  for await (const frame of held?.frames ?? []) {
    if (frame.is === 'live') read += 1
    // Longer than silence is allowed to last.
    if (read === 3) await new Promise((resolve) => setTimeout(resolve, 3000))
    if (read === 20) break
  }
  t.equal(read, 20)
  t.ok(performance.now() - start > 2500)
  t.equal(alice.links.length, 1)
  await alice.net.look(`127.0.0.1:${wire.port}`, AbortSignal.timeout(60_000))
  await alice.until(() => alice.net.links().length === 1)
  wire.silence()
  const ms = await endOf(alice)
  t.ok(ms < mostAtOnceMs, `${ms}`)
})
