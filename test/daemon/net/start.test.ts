/** Starting and stopping: ports, own addresses, and what is told of them. */

import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { interfaceAddresses } from '../../../daemon/net/ip.ts'
import { atOwnPort, startPeer } from './peer.ts'

const hasIp6 = interfaceAddresses().some(({ family }) => family === 6)

const isLoopback = (text: string): boolean => /\/(127\.0\.0\.1|::1)\//.test(text)

t.test('a taken port is one clear error, on IPv4 and on IPv6 alone', async (t) => {
  const alice = await startPeer(await atOwnPort())
  const port = alice.port()
  await t.rejects(startPeer({ listen: [`/ip4/127.0.0.1/tcp/${port}`] }), {
    code: 'PORT_IN_USE',
    message: new RegExp(`${port}`),
  })
  await t.rejects(startPeer({ listen: [], port }), { code: 'PORT_IN_USE' })
  await alice.net.stop()
  const again = await startPeer({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })
  t.equal(again.port(), port, 'free again after stop()')
  await again.net.stop()
  await t.rejects(startPeer({ listen: ['/ip4/127.0.0.1/udp/1'] }), { code: 'BAD_SHAPE' })
  if (!hasIp6) return
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen({ host: '::', port: 0, ipv6Only: true }, resolve))
  const taken = (server.address() as AddressInfo).port
  await t.rejects(startPeer({ listen: [], port: taken }), { code: 'PORT_IN_USE', message: /IPv6/ })
  server.close()
})

t.test('loopback is told only where it is all there is, or was asked for', async (t) => {
  const everywhere = await startPeer({ listen: [], port: 0 })
  const demo = await startPeer({ listen: [], port: 0, announceLoopback: true })
  const local = await startPeer()
  t.teardown(async () => await Promise.all([everywhere, demo, local].map((each) => each.net.stop())))
  const outside = interfaceAddresses().filter(({ kind }) => kind !== 'loopback')
  t.equal(everywhere.net.listening().some(isLoopback), outside.length === 0)
  t.equal(everywhere.net.listening().length, Math.max(outside.length, 1))
  t.ok(demo.net.listening().some(isLoopback))
  t.ok(local.net.listening().every((each) => isLoopback(each) && each.endsWith(`/p2p/${local.device}`)))
  t.match(local.net.network(), {
    state: outside.length > 0 ? 'online' : 'offline',
    addresses: [{ kind: 'loopback', text: `127.0.0.1:${local.port()}` }],
  })
})

t.test('before start() and after stop() nothing can be asked, and stop() may come twice', async (t) => {
  const alice = await startPeer()
  const bob = await startPeer()
  await alice.net.stop()
  await alice.net.stop()
  await t.rejects(alice.net.look(bob.address(), AbortSignal.timeout(1000)), { code: 'LINK_CLOSED' })
  await t.rejects(alice.net.greet(bob.device), { code: 'UNREACHABLE' })
  t.same(alice.net.links(), [])
  await bob.net.stop()
})

t.test('greet() where no address is known says so', async (t) => {
  const [alice, bob] = await Promise.all([startPeer(), startPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  await t.rejects(alice.net.greet(bob.device), { code: 'UNREACHABLE' })
  alice.net.learn(bob.device, [bob.address()], 'manual')
  await alice.net.greet(bob.device)
  t.equal(bob.heard.length, 1)
})
