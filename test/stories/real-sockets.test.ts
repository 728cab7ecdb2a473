/** Two real daemons on real sockets, in one process: from the first look to the end of the link. */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startDaemon } from '../../daemon/daemon.ts'
import { folderOf, optionsOf, startHere } from '../support/here.ts'

t.test('a request, an answer, a chat, and a restart in between', async (t) => {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  t.match(peer, { name: 'bob', source: 'manual', deviceId: (await bob.seat.me()).deviceId })
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: 'it is me' })
  const asking = await bob.seat.contact('incoming')
  t.match(asking, { name: 'alice', note: 'it is me', online: false })
  await bob.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const { id } = await alice.seat.direct()
  t.equal((await bob.seat.direct()).id, id)
  await alice.seat.say(id, 'hi bob')
  await bob.seat.hears(id, 'hi bob')
  await bob.seat.say(id, 'hi alice')
  await alice.seat.hears(id, 'hi alice')

  const before = performance.now()
  await bob.daemon.close()
  await alice.seat.contact('accepted', false)
  t.ok(performance.now() - before < 8000, 'closed, and offline long before silence would tell')
  for (let each = 0; each < 50; each += 1) await alice.seat.say(id, `while you were off ${each}`)
  const { port } = bob
  const again = await startHere(t, join(folder, 'bob'), 'ignored', { peerPort: port })
  await again.seat.contact('accepted', true)
  await again.seat.hears(id, 'while you were off 49')
  t.strictSame(await again.seat.texts(id), await alice.seat.texts(id))
  t.equal((await again.seat.direct()).unread, 51)
  t.equal((await again.seat.me()).name, 'bob', 'the name that the home has')
  await again.daemon.close()
  await alice.daemon.close()
})

t.test('looking at the wrong place says why', async (t) => {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const other = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const address = other.address()
  const otherPort = typeof address === 'object' && address !== null ? address.port : 0
  const self = (await alice.seat.me()).link
  await t.rejects(alice.seat.look('no-such-host.invalid'), { code: 'HOST_NOT_FOUND' })
  await t.rejects(alice.seat.look('127.0.0.1:9'), { code: 'REFUSED' })
  await t.rejects(alice.seat.look(`127.0.0.1:${otherPort}`), { code: 'NOT_WARREN' })
  await t.rejects(alice.seat.look(`127.0.0.1:${alice.port}`), { code: 'SELF' })
  await t.rejects(alice.seat.look(self), { code: 'SELF' })
  const wrongKey = `/ip4/127.0.0.1/tcp/${bob.port}/p2p/${(await alice.seat.me()).deviceId}`
  const wrong: unknown = await alice.seat.look(wrongKey).catch((error: unknown) => error)
  t.match(wrong, { code: /^(?:IDENTITY_MISMATCH|SELF)$/ })
  const { link } = await bob.seat.me()
  await t.rejects(alice.seat.look(`${link.slice(0, -1)}${link.endsWith('a') ? 'b' : 'a'}`), { code: 'BAD_LINK' })
  await t.rejects(alice.seat.look('/ip4/127.0.0.1/udp/1'), { code: 'BAD_SHAPE' })
  t.match(await alice.seat.look(link), { name: 'bob' }, 'and the daemon goes on')
  await t.rejects(alice.seat.client.ask('POST', '/contacts', { deviceId: 'x', note: '' }), { code: 'BAD_SHAPE' })
  await alice.daemon.close()
  await bob.daemon.close()
})

t.test('what keeps a daemon from starting is one clear error, and leaves nothing open', async (t) => {
  const folder = folderOf(t)
  const home = join(folder, 'alice')
  const { daemon, port: peerPort } = await startHere(t, home, 'alice')
  await t.rejects(startDaemon(optionsOf(home, 'again')), { code: 'HOME_IN_USE' })
  const apiPort = Number(new URL(daemon.api).port)
  await t.rejects(startDaemon(optionsOf(join(folder, 'b'), 'b', { apiPort })), { code: 'PORT_IN_USE' })
  await t.rejects(startDaemon(optionsOf(join(folder, 'c'), 'c', { peerPort })), { code: 'PORT_IN_USE' })
  if (process.getuid?.() !== 0) {
    const shut = join(folder, 'shut')
    mkdirSync(shut, { mode: 0o500 })
    await t.rejects(startDaemon(optionsOf(join(shut, 'home'), 'd')), { code: 'HOME_UNWRITABLE' })
    chmodSync(shut, 0o700)
  }
  writeFileSync(join(folder, 'file'), '')
  await t.rejects(startDaemon(optionsOf(join(folder, 'file', 'home'), 'e')), { code: 'HOME_UNWRITABLE' })
  // The homes that could not start were given up: they start as soon as the port is free.
  for (const name of ['b', 'c']) {
    const other = await startDaemon(optionsOf(join(folder, name), name))
    await other.close()
  }
  await daemon.close()
  await daemon.close()
  await daemon.closed
  const again = await startDaemon(optionsOf(home, 'alice'))
  await again.close()
})
