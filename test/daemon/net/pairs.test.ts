/** One link per pair: simultaneous dials, restarts, re-handshakes, and the order that both sides compute alike. */

import { randomBytes } from 'node:crypto'
import type { Connection, MultiaddrConnection } from '@libp2p/interface'
import fc from 'fast-check'
import t from 'tap'
import { Gate } from '../../../daemon/net/gate.ts'
import { linkOrder, staysOver, type LinkOrder } from '../../../daemon/net/link-order.ts'
import { createNode } from '../../../daemon/net/node.ts'
import { Penalties } from '../../../daemon/net/penalties.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { startRawPeer } from './raw-peer.ts'
import { startLinked, startPair, startPeer, type Peer } from './peer.ts'

/** Both hold one open link, of the same connection: what one sends on it the other reads on its own. */
async function sameSingleLink(a: Peer, b: Peer): Promise<boolean> {
  const [here, more] = a.net.links()
  const [there, others] = b.net.links()
  if (here === undefined || there === undefined || more !== undefined || others !== undefined) return false
  here.send({ is: 'live', scope: a.person, what: 1, value: 'here' })
  const first = await there.frames[Symbol.asyncIterator]().next()
  return first.done !== true && first.value.is === 'live' && !here.closed.aborted && !there.closed.aborted
}

const same = (a: LinkOrder, b: LinkOrder): boolean => JSON.stringify(a) === JSON.stringify(b)

const settled = (peer: Peer): boolean => peer.links.filter((each) => !each.closed.aborted).length === 1

t.test('50 simultaneous dials each end in exactly one link, the same on both sides', async (t) => {
  let rounds = 0
  for (let round = 0; round < 50; round += 1) {
    const [alice, bob] = await startPair({ reads: false })
    const signal = AbortSignal.timeout(60_000)
    await Promise.all([alice.net.look(bob.address(), signal), bob.net.look(alice.address(), signal)])
    await Promise.all([alice.until(() => settled(alice)), bob.until(() => settled(bob))])
    // The loser of the race may still be saying bye: what stays is what both have when it is gone.
    while (!(await sameSingleLink(alice, bob))) {
      await Promise.race([alice.until(() => settled(alice)), bob.until(() => settled(bob))])
    }
    rounds += 1
    await Promise.all([alice.net.stop(), bob.net.stop()])
  }
  t.equal(rounds, 50)
})

t.test('of two dials to one address at once each is judged by what comes on it alone', async (t) => {
  const penalties = new Penalties(() => 0, limits.penaltyFirstMs)
  const gate = new Gate({ isExpected: () => true, isKept: () => true, penalties, now: () => 0 })
  const dialled: MultiaddrConnection[] = []
  const node = await createNode(randomBytes(32), [], gate.gater, (socket) => {
    dialled.push(socket)
    gate.watch(socket)
  })
  await node.libp2p.start()
  const other = await startRawPeer()
  t.teardown(async () => await Promise.all([node.stop(), other.stop()]))
  const word = new Uint8Array(1024)
  // Far more than a handshake may bring, and less than a stranger.
  const wordsBytes = limits.strangerBytes / 2
  await other.node.libp2p.handle('/words', (stream) => {
    for (let sent = 0; sent < wordsBytes; sent += word.length) stream.send(word)
  })
  const [address] = other.node.bound()
  const signal = AbortSignal.timeout(60_000)
  const dial = async (): Promise<Connection> => await node.dial(address?.text ?? '', other.device, signal)
  const connections = await Promise.all([dial(), dial()])
  t.equal(dialled.length, 2)
  const heard = connections.map(async (connection) => {
    const stream = await connection.newStream('/words', { signal })
    const { promise, resolve } = Promise.withResolvers<number>()
    let bytes = 0
    stream.addEventListener('message', ({ data }) => {
      bytes += data.byteLength
      if (bytes === wordsBytes) resolve(bytes)
    })
    stream.addEventListener('close', () => resolve(bytes))
    return await promise
  })
  const settled = await Promise.allSettled(heard)
  const told = settled.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))
  t.strictSame(told, [wordsBytes, wordsBytes])
  t.equal(penalties.waitMs(other.device), 0)
  for (const connection of connections) connection.abort(new Error('heard enough'))
})

t.test('a device that was restarted is linked with again, by whoever dials, and its old link ends', async (t) => {
  const [alice, bob] = await startLinked()
  alice.net.keep([bob.device])
  const port = bob.port()
  const seed = Buffer.alloc(32, 7)
  await bob.net.stop()
  await alice.until(() => alice.net.links().length === 0)
  const carol = await startPeer({ seed, listen: [`/ip4/127.0.0.1/tcp/${port}`], wants: [alice.device] })
  alice.wants.add(carol.device)
  alice.net.keep([carol.device])
  alice.net.learn(carol.device, [`/ip4/127.0.0.1/tcp/${port}`], 'manual')
  await alice.until(() => alice.net.links().length === 1)
  const first = alice.net.links()[0]
  await carol.net.stop()
  await alice.until(() => alice.net.links().length === 0)
  t.ok(first?.closed.aborted)
  t.equal(first?.endedWith, 0, 'bye: closing')
  const again = await startPeer({ seed, listen: [`/ip4/127.0.0.1/tcp/${port}`], wants: [alice.device] })
  await alice.until(() => alice.net.links().length === 1)
  t.not(alice.net.links()[0]?.bootId, first?.bootId)
  await Promise.all([alice.net.stop(), again.net.stop()])
})

t.test('a link of a newer boot takes the place of one that nobody closed', async (t) => {
  const seed = Buffer.alloc(32, 9)
  const alice = await startPeer()
  const before = await startPeer({ seed, wants: [alice.device] })
  alice.wants.add(before.device)
  await before.net.look(alice.address(), AbortSignal.timeout(60_000))
  await alice.until(() => alice.links.length === 1)
  const after = await startPeer({ seed, wants: [alice.device] })
  await after.net.look(alice.address(), AbortSignal.timeout(60_000))
  await alice.until(() => alice.links.length === 2)
  t.equal(alice.net.links().length, 1)
  t.equal(alice.net.links()[0]?.bootId, alice.links[1]?.bootId)
  await before.until(() => before.net.links().length === 0)
  t.equal(before.links[0]?.endedWith, 1, 'bye: replaced')
  const boots = new Set(alice.heard.map(({ hello }) => Buffer.from(hello.bootId).toString('hex')))
  t.equal(boots.size, 2, 'the greeter heard both boots')
  await before.net.look(alice.address(), AbortSignal.timeout(60_000))
  t.ok(alice.logged.includes('two boots of one device were seen'))
  // Each was shown the other's own word: neither goes on as the one device that both are.
  await Promise.all([before, after].map(async (each) => await each.until(() => each.duplicates === 1)))
  await alice.until(() => alice.net.links().length === 0)
  t.equal(alice.links[1]?.endedWith, 4, 'bye: duplicate device')
  t.equal(alice.links.length, 2, 'the older boot does not take the link back')
  await Promise.all([alice, before, after].map((each) => each.net.stop()))
})

t.test('a forced re-handshake replaces a link without a moment without one', async (t) => {
  const [alice, bob] = await startLinked({ times: { rehandshakeAfterMs: 150, rehandshakeJitterMs: 50 } })
  await alice.until(() => alice.links.length >= 3)
  t.equal(alice.net.links().length, 1)
  t.equal(alice.links[0]?.endedWith, 1)
  await Promise.all([alice.net.stop(), bob.net.stop()])
})

t.test('of two links exactly one stays, whichever side asks', async (t) => {
  const order = fc.record({
    boot: fc.integer({ min: 1, max: 2 }),
    ours: fc.integer({ min: 1, max: 4 }),
    theirs: fc.integer({ min: 1, max: 4 }),
    weDialled: fc.boolean(),
  })
  const us = 'a' as DeviceId
  const them = 'b' as DeviceId
  const of = ({
    boot,
    ours,
    theirs,
    weDialled,
  }: {
    boot: number
    ours: number
    theirs: number
    weDialled: boolean
  }) => {
    const [one, other] = [
      { device: us, linkNumber: ours },
      { device: them, linkNumber: theirs },
    ]
    return weDialled ? linkOrder(boot, one, other) : linkOrder(boot, other, one)
  }
  fc.assert(
    fc.property(order, order, (one, two) => {
      const [a, b] = [of(one), of(two)]
      return same(a, b) || staysOver(a, b) !== staysOver(b, a)
    }),
  )
  fc.assert(
    fc.property(order, order, order, (one, two, three) => {
      const [a, b, c] = [of(one), of(two), of(three)]
      return !(staysOver(a, b) && staysOver(b, c)) || staysOver(a, c)
    }),
  )
  t.pass('antisymmetric and transitive')
})
