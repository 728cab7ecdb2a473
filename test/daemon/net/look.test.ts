/** Looking at an address: every form that people type, and every way in which it can fail. */

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import t from 'tap'
import { encodeContactLink, devicePrefix } from '../../../protocol/contact-link.ts'
import { WarrenError, type ErrorCode } from '../../../protocol/errors.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { startPeer, type Peer } from './peer.ts'
import { startRawPeer } from './raw-peer.ts'

/** Nobody has its key. */
const nobody = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2' as DeviceId
const soon = (): AbortSignal => AbortSignal.timeout(60_000)

async function failure(peer: Peer, address: string): Promise<ErrorCode | 'none' | 'foreign'> {
  try {
    await peer.net.look(address, soon())
    return 'none'
  } catch (error) {
    return error instanceof WarrenError ? error.code : 'foreign'
  }
}

async function serve(t: { teardown(after: () => void): void }, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

t.test('look() finds a device by every form of address', async (t) => {
  const [alice, bob, carol] = await Promise.all([
    startPeer(),
    startPeer(),
    startPeer({ listen: ['/ip6/::1/tcp/0', '/ip4/127.0.0.1/tcp/0'] }),
  ])
  t.teardown(async () => await Promise.all([alice, bob, carol].map((each) => each.net.stop())))
  const port = bob.port()
  const link = (device: DeviceId, host: string, kind: 'ip4' | 'dns'): string =>
    encodeContactLink({
      person: bob.person,
      devices: [{ prefix: devicePrefix(device), addresses: [{ kind, host, port }] }],
    })
  const forms = [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    ` 127.0.0.1:${port} `,
    `/ip4/127.0.0.1/tcp/${port}`,
    `/dns4/localhost/tcp/${port}`,
    bob.address(),
    link(bob.device, '127.0.0.1', 'ip4'),
    link(bob.device, 'localhost', 'dns'),
  ]
  for (const form of forms) {
    const look = await alice.net.look(form, soon())
    t.equal(look.device, bob.device, form.slice(0, 24))
    t.match(look, { person: bob.person, name: 'somebody', source: 'manual', linked: false })
    t.ok(look.addresses.includes(`/ip4/127.0.0.1/tcp/${port}`))
  }
  const six = /\/ip6\/::1\/tcp\/(\d+)/.exec(carol.net.listening().join(' '))?.[1] ?? ''
  t.equal((await alice.net.look(`[::1]:${six}`, soon())).device, carol.device, '[IPv6]:port')
  t.equal(alice.net.links().length, 0, 'no link with strangers')
  t.equal(alice.heard.length, bob.heard.length + carol.heard.length, 'one hello each way')
  t.equal(await failure(alice, link(nobody, '127.0.0.1', 'ip4')), 'IDENTITY_MISMATCH', 'a link names the device')
  t.equal(
    (await alice.net.look(link(carol.device, '127.0.0.1', 'ip4'), soon())).device,
    carol.device,
    'moved, but seen',
  )
})

t.test('look() says why it failed', async (t) => {
  const hasty = { times: { dialTimeoutMs: 400 } }
  const [alice, bob, carol] = await Promise.all([startPeer(), startPeer(), startPeer(hasty)])
  t.teardown(async () => await Promise.all([alice, bob, carol].map((each) => each.net.stop())))
  const silent = await serve(t, () => undefined)
  const web = await serve(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const slammed = await serve(t, (socket) => socket.destroy())
  const other = bob.address().replace(bob.device, nobody)

  t.equal(await failure(alice, 'no-such-host.invalid'), 'HOST_NOT_FOUND')
  t.equal(await failure(alice, '/dns4/no-such-host.invalid/tcp/1'), 'HOST_NOT_FOUND')
  t.equal(await failure(alice, '127.0.0.1:1'), 'REFUSED')
  t.equal(await failure(carol, `127.0.0.1:${silent}`), 'TIMED_OUT', 'a host that accepts and says nothing')
  t.equal(await failure(alice, `127.0.0.1:${web}`), 'NOT_WARREN')
  t.equal(await failure(alice, `127.0.0.1:${slammed}`), 'NOT_WARREN')
  t.equal(await failure(alice, '255.255.255.255:7718'), 'UNREACHABLE')
  t.equal(await failure(alice, other), 'IDENTITY_MISMATCH')
  t.equal(await failure(alice, alice.address()), 'SELF', 'named by its PeerId')
  t.equal(await failure(alice, `127.0.0.1:${alice.port()}`), 'SELF', 'found out by Noise')
  t.equal(await failure(alice, 'warren:AAAA'), 'BAD_LINK')
  for (const wrong of [
    '',
    '1.2.3',
    'a b',
    'host:0',
    'host:99999',
    'host:x',
    '[::1',
    '[zz]:1',
    '/ip4/1.2.3.4',
    '::1:2:3:4:5:6:7:8:9',
  ]) {
    t.equal(await failure(alice, wrong), 'BAD_SHAPE', JSON.stringify(wrong))
  }
  for (const wrong of ['/ip4/1.2.3.4/udp/1', '/ip4/1.2.3.4/tcp/1/ws', '/unix/tmp', 'http://host/', 'x'.repeat(600)]) {
    t.equal(await failure(alice, wrong), 'BAD_SHAPE', wrong.slice(0, 30))
  }
})

t.test('look() at a libp2p node that speaks no Warren, and at a device that ends the connection', async (t) => {
  const [alice, mallory] = await Promise.all([startPeer(), startRawPeer()])
  const bob = await startPeer({
    heard: () => {
      throw new WarrenError('BLOCKED', 'blocked')
    },
  })
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop(), mallory.stop()]))
  t.equal(await failure(alice, mallory.node.bound()[0]?.text ?? ''), 'NOT_WARREN')
  t.equal(await failure(alice, bob.address()), 'REFUSED')
})

t.test('look() ends when its signal says so, and before that when stop() is called', async (t) => {
  const alice = await startPeer()
  const silent = await serve(t, () => undefined)
  const asking = new AbortController()
  const looked = alice.net.look(`127.0.0.1:${silent}`, asking.signal)
  asking.abort(new Error('changed my mind'))
  await t.rejects(looked, { message: 'changed my mind' })
  const again = alice.net.look(`127.0.0.1:${silent}`, soon())
  const rejected = t.rejects(again, { code: 'LINK_CLOSED' })
  await alice.net.stop()
  await rejected
})

t.test('look() at a contact leaves a link behind that outlives the signal', async (t) => {
  const [alice, bob] = await Promise.all([startPeer(), startPeer()])
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  alice.wants.add(bob.device)
  bob.wants.add(alice.device)
  const asking = new AbortController()
  const look = await alice.net.look(bob.address(), asking.signal)
  t.equal(look.linked, true)
  asking.abort()
  await bob.until(() => bob.net.links().length === 1)
  alice.net.links()[0]?.send({ is: 'live', scope: alice.person, what: 1, value: 1 })
  await bob.until(() => bob.frames.length === 1)
  t.equal(alice.net.links().length, 1)
})
