/** Another device at an address that a person gave: told in the background too, once, and only there. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { answeringIn } from '../../../daemon/net/mismatch-watch.ts'
import { deviceIdOf } from '../../../protocol/ids.ts'
import { atOwnPort, startLinked, startPeer, type Peer, type PeerOptions } from './peer.ts'

const times = { reconnectFirstMs: 20, reconnectMostMs: 40, refusedMs: 20 }
const soon = (): AbortSignal => AbortSignal.timeout(60_000)

/** Alice, who found Bob by hand, and whoever comes to listen on Bob's port. */
async function stage(t: Test) {
  const [alice, bob] = await startLinked({ times })
  alice.net.keep([bob.device])
  const port = bob.port()
  const atPort = async (options: PeerOptions = {}): Promise<Peer> => {
    const peer = await startPeer({ ...options, listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    t.teardown(() => peer.net.stop())
    return peer
  }
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  return { alice, bob, address: `/ip4/127.0.0.1/tcp/${port}`, atPort }
}

t.test('the dialler meets another device where one was found by hand: told once for each that answers', async (t) => {
  const { alice, bob, address, atPort } = await stage(t)
  await bob.net.stop()
  const mallory = await atPort()
  await alice.until(() => alice.answers.length > 0)
  t.same(alice.answers, [{ device: bob.device, address, answering: mallory.device }])
  t.same(mallory.heard, [], 'who dialled is not told')
  // Said again by each attempt that follows, and there are more of them before the next one answers.
  await mallory.net.stop()
  const carol = await atPort()
  await alice.until(() => alice.answers.length > 1)
  t.equal(alice.answers[1]?.answering, carol.device)
  await t.rejects(alice.net.check(bob.device, address), { code: 'IDENTITY_MISMATCH' })
  t.equal(alice.answers.length, 2, 'the same one is told once')
})

t.test('the device itself is back: told when it is dialled, by check() while a link stands', async (t) => {
  const seed = randomBytes(32)
  const alice = await startPeer({ times })
  const bob = await startPeer({ seed, wants: [alice.device], ...(await atOwnPort()) })
  alice.wants.add(bob.device)
  const address = `/ip4/127.0.0.1/tcp/${bob.port()}`
  await alice.net.look(`127.0.0.1:${bob.port()}`, soon())
  await bob.net.stop()
  const mallory = await startPeer({ listen: [address] })
  alice.net.keep([bob.device])
  await alice.until(() => alice.answers.some(({ answering }) => answering === mallory.device))
  alice.net.keep([])
  await mallory.net.stop()
  const again = await startPeer({ seed, wants: [alice.device], listen: [address] })
  t.teardown(async () => await Promise.all([alice.net.stop(), again.net.stop()]))
  // He dials her: her own dialler has no reason to look at his address.
  await again.net.look(alice.address(), soon())
  await alice.until(() => alice.net.links().length === 1)
  const { length } = alice.answers
  await alice.net.check(bob.device, address)
  t.same(alice.answers.slice(length), [{ device: bob.device, address }])
  t.equal(alice.net.links().length, 1, 'the link stays')
})

t.test('nothing is told of an address that only mDNS or the contact named', async (t) => {
  const [alice, mallory] = await Promise.all([startPeer({ times }), startPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), mallory.net.stop()]))
  const bob = deviceIdOf(randomBytes(32))
  const address = `/ip4/127.0.0.1/tcp/${mallory.port()}`
  alice.net.learn(bob, [address], 'contact')
  await t.rejects(alice.net.check(bob, address), { code: 'IDENTITY_MISMATCH' })
  t.same(alice.answers, [])
  alice.net.learn(bob, [address], 'manual')
  await t.rejects(alice.net.check(bob, address), { code: 'IDENTITY_MISMATCH' })
  t.same(alice.answers, [{ device: bob, address, answering: mallory.device }])
  alice.net.learn(bob, [address], 'contact')
  await alice.net.stop()
  t.same(
    [...alice.saved.values()].map(({ source }) => source),
    ['manual'],
    'the word of a person is not forgotten',
  )
})

t.test('a name is what was given, not the address that it led to', async (t) => {
  const seed = randomBytes(32)
  const [alice, bob] = await Promise.all([startPeer({ times }), startPeer({ seed, ...(await atOwnPort()) })])
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const port = bob.port()
  await alice.net.look(`localhost:${port}`, soon())
  await bob.net.stop()
  const mallory = await startPeer({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })
  t.teardown(() => mallory.net.stop())
  alice.answers.length = 0
  await t.rejects(alice.net.greet(bob.device), { code: 'IDENTITY_MISMATCH' })
  t.same(alice.answers, [{ device: bob.device, address: `/dns/localhost/tcp/${port}`, answering: mallory.device }])
})

const words = (who: string): Error =>
  new Error(`Payload identity key ${who} does not match expected remote identity key x`)

t.test('only the words of Noise name somebody', (t) => {
  const mallory = deviceIdOf(randomBytes(32))
  t.equal(answeringIn(words(mallory)), mallory)
  t.equal(answeringIn(words('16Uiu2HAm')), undefined, 'no key of Warren')
  t.equal(answeringIn(new Error('ECONNREFUSED')), undefined)
  t.equal(answeringIn('rubbish'), undefined)
  t.end()
})
