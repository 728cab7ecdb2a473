/** Where requests to a push server may go, and what is taken of the answer. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createRawServer, isIPv6, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import t, { type Test } from 'tap'
import { isAllowedPlace } from '../../../daemon/push/allowed-address.ts'
import { createAsk } from '../../../daemon/push/ask.ts'
import { ServerClient } from '../../../daemon/push/server-client.ts'

const get = { method: 'GET', path: '/', timeoutMs: 60_000 } as const
const never = new AbortController().signal
const here = createAsk(() => ({ loopback: true, ownPorts: [] }), never)

async function serve(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

t.test('what must never be asked is not, whoever names it', async (t) => {
  const around = { loopback: true, ownPorts: [7717] }
  const forbidden = [
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '::',
    '::ffff:169.254.169.254',
    '::ffff:7f00:1',
    '::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ]
  for (const ip of forbidden)
    for (const isSecure of [true, false]) t.notOk(isAllowedPlace({ ip, port: 443, isSecure }, around), ip)
})

t.test('loopback is for one machine, own listeners for nobody, plain HTTP for own networks', async (t) => {
  const strict = { loopback: false, ownPorts: [7717] }
  const loose = { ...strict, loopback: true }
  for (const ip of ['127.0.0.1', '127.9.9.9', '::1']) {
    t.notOk(isAllowedPlace({ ip, port: 80, isSecure: true }, strict), ip)
    t.ok(isAllowedPlace({ ip, port: 80, isSecure: false }, loose), ip)
    t.notOk(isAllowedPlace({ ip, port: 7717, isSecure: false }, loose), `${ip}: the own API`)
  }
  const own = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
  for (const ip of own) t.notOk(isAllowedPlace({ ip, port: 7717, isSecure: true }, loose), `${ip}: this machine`)
  for (const ip of own.filter((each) => isIPv6(each) && each.includes('::'))) {
    const [front = '', back = ''] = ip.split('::')
    const count = [...front.split(':'), ...back.split(':')].filter((each) => each !== '').length
    const long = [front, ...Array.from({ length: 8 - count }, () => '0'), back].filter((each) => each !== '').join(':')
    t.notOk(isAllowedPlace({ ip: long, port: 7717, isSecure: true }, loose), `${long}: this machine, in other words`)
  }
  for (const ip of ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.7', 'fd7a:115c:a1e0::1'])
    t.ok(isAllowedPlace({ ip, port: 80, isSecure: false }, strict), ip)
  for (const ip of ['8.8.8.8', '172.32.0.1', '2001:db8::1']) {
    t.notOk(isAllowedPlace({ ip, port: 80, isSecure: false }, strict), ip)
    t.ok(isAllowedPlace({ ip, port: 443, isSecure: true }, strict), ip)
  }
})

t.test('no connection is made to a place that is not allowed, by address or by name', async (t) => {
  let asked = 0
  const port = await serve(t, (_, response) => {
    asked += 1
    response.end()
  })
  const strict = createAsk(() => ({ loopback: false, ownPorts: [] }), never)
  await t.rejects(strict(`http://127.0.0.1:${port}`, get), { code: 'NOT_ALLOWED' })
  await t.rejects(strict(`https://localhost:${port}`, get), { code: 'NOT_ALLOWED' }, 'a name that leads here')
  const own = createAsk(() => ({ loopback: true, ownPorts: [port] }), never)
  await t.rejects(own(`http://127.0.0.1:${port}`, get), { code: 'NOT_ALLOWED' })
  await t.rejects(own(`https://localhost:${port}`, get), { code: 'NOT_ALLOWED' })
  await t.rejects(here('http://169.254.169.254', get), { code: 'NOT_ALLOWED' })
  t.equal(asked, 0)
  t.equal((await here(`http://127.0.0.1:${port}`, get)).status, 200)
})

t.test('a redirect is an answer, and leads nowhere', async (t) => {
  let led = 0
  const target = await serve(t, (_, response) => {
    led += 1
    response.end()
  })
  const port = await serve(t, (_, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${target}/` }).end(),
  )
  t.equal((await here(`http://127.0.0.1:${port}`, { ...get, statusAlone: true })).status, 307)
  t.equal(led, 0)
})

t.test('of a wake nothing but the status is read, however long the answer is', async (t) => {
  const port = await serve(t, (_, response) => {
    response.writeHead(202)
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    more()
  })
  t.equal((await here(`http://127.0.0.1:${port}`, { ...get, statusAlone: true })).status, 202)
  await t.rejects(here(`http://127.0.0.1:${port}`, get), { code: 'TOO_LARGE' })
})

t.test('who does not answer is not waited for, also when the daemon ends', async (t) => {
  const port = await serve(t, () => undefined)
  const origin = `http://127.0.0.1:${port}`
  await t.rejects(here(origin, { ...get, timeoutMs: 50 }), { code: 'TIMED_OUT' })
  const closing = new AbortController()
  const asking = createAsk(() => ({ loopback: true, ownPorts: [] }), closing.signal)(origin, get)
  closing.abort()
  await t.rejects(asking, { code: 'CLOSING' })
})

t.test('who switches to another protocol, or goes away, gave no answer, and is not waited for', async (t) => {
  for (const said of ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', '']) {
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => (said === '' ? socket.destroy() : socket.write(said)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const patient = { ...get, timeoutMs: 200_000 }
    for (const statusAlone of [true, false])
      await t.rejects(here(origin, { ...patient, statusAlone }), { code: 'UNREACHABLE' }, said)
  }
})

t.test('answers that are no push server’s', async (t) => {
  const answers: [number, string][] = [
    [200, ''],
    [200, '<html>'],
    [200, '[]'],
    [200, '{"version":"1","origin":"https://elsewhere.example"}'],
    [404, '{}'],
    [302, '{}'],
  ]
  let next = 0
  const port = await serve(t, (_, response) => {
    const [status, text] = answers[next++] ?? [500, '']
    response.writeHead(status).end(text)
  })
  const client = new ServerClient(here, `http://127.0.0.1:${port}`)
  for (const [status, text] of answers) await t.rejects(client.check(), { code: 'NOT_WARREN' }, `${status} ${text}`)
  await t.rejects(client.check(), { code: 'UNREACHABLE' })
})
