import { once } from 'node:events'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createApi } from '../../../daemon/api/api.ts'
import { listenApi } from '../../../daemon/api/listen.ts'
import { Bus } from '../../../daemon/bus.ts'
import { Client } from '../../../daemon/cli/client.ts'
import { ownPort } from '../../support/own-port.ts'
import { openEvents, runApi, shortFolder, type RunningApi } from '../../support/running-api.ts'

const idle = (): ReturnType<typeof createApi> =>
  createApi(
    {
      bus: new Bus(),
      log: () => undefined,
      now: () => 0,
      random: (bytes) => new Uint8Array(bytes),
      stop: () => undefined,
    },
    { version: '0', files: new Map() },
  )

/** Somebody else's server. */
async function squat(t: Test, host: string, port: number): Promise<void> {
  const server: Server = createServer().listen(port, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
}

const health = async (running: RunningApi, host: string): Promise<unknown> =>
  await (await fetch(`http://${host}:${running.listeners.port}/api/v1/health`)).json()

t.test('one API on 127.0.0.1, ::1 and the unix socket', async (t) => {
  const running = await runApi(t)
  const expected = { status: 'ok', version: '9.9.9', apiVersion: 1 }
  t.strictSame(await health(running, '127.0.0.1'), expected)
  t.strictSame(await health(running, '[::1]'), expected)
  t.strictSame((await running.shell('GET', '/health')).body, expected)
  t.equal(statSync(running.socketPath).mode & 0o777, 0o600)
})

t.test('health is answered while the rest is starting or closing, the rest with 503', async (t) => {
  const running = await runApi(t, { open: false })
  const { ask, shell, api, owner, sessions, keys } = running
  t.match((await ask('GET', '/health')).body, { status: 'starting' })
  for (const ways of [ask, shell]) {
    const answer = await ways('GET', '/me')
    t.equal(answer.status, 503)
    t.match(answer.body, { error: { code: 'NOT_RUNNING' } })
    t.equal(answer.headers['retry-after'], '1')
  }
  await api.open({ sessions, keys })
  t.match((await ask('GET', '/health')).body, { status: 'starting' }, 'a page must not ask for a passphrase yet')
  t.match((await shell('GET', '/me')).body, { error: { code: 'NOT_RUNNING' } })
  api.unlocked(owner)
  t.equal((await shell('GET', '/me')).status, 200)
  for (const [status, code] of [
    ['locked', 'LOCKED'],
    ['closing', 'CLOSING'],
  ] as const) {
    api.setStatus(status)
    t.match((await ask('GET', '/health')).body, { status })
    const answer = await shell('GET', '/me')
    t.equal(answer.status, 503)
    t.match(answer.body, { error: { code } })
  }
})

for (const host of ['127.0.0.1', '::1']) {
  t.test(`a port that somebody has on ${host} is refused, and nothing stays open`, async (t) => {
    const port = await ownPort()
    await squat(t, host, port)
    const home = shortFolder(t)
    const listening = listenApi(idle(), { port, home }, () => undefined)
    await t.rejects(listening, {
      code: 'PORT_IN_USE',
      message: `port ${port} is in use: choose another with --api-port`,
    })
    await t.rejects(new Client(home).ask('GET', '/health'), { code: 'NOT_RUNNING' })
    const other = host === '::1' ? '127.0.0.1' : '::1'
    await t.resolves(squat(t, other, port), 'the other address is free again')
  })
}

t.test('a second daemon on one home is told so, and harms the first in nothing', async (t) => {
  const first = await runApi(t)
  const second = listenApi(idle(), { port: 0, home: first.home }, () => undefined)
  await t.rejects(second, { code: 'HOME_IN_USE', message: 'another warren runs on this home' })
  t.equal((await first.shell('GET', '/me')).status, 200)
})

t.test('a socket that a killed daemon left is replaced', async (t) => {
  const home = shortFolder(t)
  const path = join(home, 'api.sock')
  const dead = createServer().listen(path)
  await once(dead, 'listening')
  // Closing would remove it; a renamed one stays, as after kill -9.
  const { renameSync } = await import('node:fs')
  renameSync(path, join(home, 'kept'))
  dead.close()
  await once(dead, 'close')
  renameSync(join(home, 'kept'), path)
  t.ok(statSync(path).isSocket())
  const running = await runApi(t, { home })
  t.equal((await running.shell('GET', '/me')).status, 200)
})

t.test('what is no socket is left alone', async (t) => {
  const home = shortFolder(t)
  writeFileSync(join(home, 'api.sock'), 'precious')
  await t.rejects(
    listenApi(idle(), { port: 0, home }, () => undefined),
    { code: 'HOME_UNWRITABLE' },
  )
  t.equal(statSync(join(home, 'api.sock')).size, 8)
})

t.test(
  'a home deeper than a socket path may be long works',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  async (t) => {
    const home = join(shortFolder(t), 'deep'.repeat(30), 'deeper'.repeat(30))
    mkdirSync(home, { recursive: true, mode: 0o700 })
    await runApi(t, { home })
    t.equal(statSync(join(home, 'api.sock')).mode & 0o777, 0o600)
    t.match(await new Client(home).ask('GET', '/me'), { name: 'alice' })
    await t.rejects(
      listenApi(idle(), { port: 0, home }, () => undefined),
      { code: 'HOME_IN_USE' },
    )
  },
)

t.test('close() ends with requests and WebSockets open, and removes the socket', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const events = await openEvents(t, running, { token })
  await events.until('snapshot')
  events.socket.pause() // a frozen page: it answers no close frame
  const slow = connect(running.listeners.port, '127.0.0.1')
  slow.on('error', () => undefined)
  slow.write('POST /api/v1/session/pair HTTP/1.1\r\nHost: x\r\n')
  await once(slow, 'ready')
  running.api.setStatus('closing')
  // It would never end if it waited for these two.
  await running.listeners.close()
  t.throws(() => statSync(running.socketPath), { code: 'ENOENT' })
})

t.test('Upgrade: h2c does not leave a connection hanging', async (t) => {
  const running = await runApi(t)
  const socket = connect(running.listeners.port, '127.0.0.1')
  socket.write(
    `GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:${running.listeners.port}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
  )
  const [data] = (await once(socket, 'data')) as [Buffer]
  t.match(data.toString(), /^HTTP\/1\.1 200/)
  socket.destroy()
})
