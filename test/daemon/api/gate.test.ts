import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { runApi, type Answer, type RunningApi } from '../../support/running-api.ts'

function refused(t: Test, answer: Answer, code: string, what?: string): void {
  t.equal(answer.status, code === 'NO_SESSION' ? 401 : 403, what ?? answer.text)
  t.match(answer.body, { error: { code } })
  t.notOk(answer.headers['access-control-allow-origin'])
}

/** The status with which a handshake is refused, or 101. */
async function handshake(running: RunningApi, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${running.listeners.port}/api/v1/events`, { headers })
  const opened = once(socket, 'open').then(() => 101)
  const answered = once(socket, 'unexpected-response').then(([, response]) => {
    ;(response as IncomingMessage).destroy()
    return (response as IncomingMessage).statusCode ?? 0
  })
  socket.on('error', () => undefined)
  const status = await Promise.race([opened, answered])
  socket.terminate()
  return status
}

/** Sends bytes as they are; answers the status line. */
async function raw(running: RunningApi, text: string): Promise<string> {
  const socket = connect(running.listeners.port, '127.0.0.1')
  socket.write(text)
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return data.toString('utf8').split('\r\n')[0] ?? ''
}

t.test('Host: only the two loopback addresses with the port', async (t) => {
  const running = await runApi(t)
  const { ask, shell, listeners, signIn } = running
  const { port } = listeners
  const { token } = await signIn()
  t.equal((await ask('GET', '/me', { token, host: `[::1]:${port}` })).status, 200)
  const bad = [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    `127.0.0.1.:${port}`,
    `LOCALHOST:${port}`,
    `0.0.0.0:${port}`,
    `[::]:${port}`,
    `127.1:${port}`,
    `127.0.0.1:0${port}`,
  ]
  for (const host of bad) {
    for (const method of ['GET', 'OPTIONS', 'HEAD']) {
      const answer = await ask(method, '/me', { token, host })
      t.equal(answer.status, 403, `${method} ${host}`)
      if (method !== 'HEAD') t.match(answer.body, { error: { code: 'BAD_HOST' } })
    }
    t.equal(await handshake(running, { host, origin: `http://${host}` }), 403, `WebSocket ${host}`)
  }
  refused(t, await shell('GET', '/me', { host: 'evil.example' }), 'BAD_HOST')
})

t.test('Host: given twice, or not at all', async (t) => {
  const running = await runApi(t)
  const own = `Host: 127.0.0.1:${running.listeners.port}\r\n`
  t.match(await raw(running, `GET /api/v1/health HTTP/1.1\r\n${own}\r\n`), / 200 /)
  t.match(await raw(running, `GET /api/v1/health HTTP/1.1\r\n${own}Host: evil.example\r\n\r\n`), / 40[03] /)
  t.match(await raw(running, `GET /api/v1/health HTTP/1.1\r\nHost: evil.example\r\n${own}\r\n`), / 40[03] /)
  t.match(await raw(running, 'GET /api/v1/health HTTP/1.1\r\nHost:\r\n\r\n'), / 400 /)
  t.match(await raw(running, 'GET /api/v1/health HTTP/1.1\r\n\r\n'), / 400 /)
  t.match(await raw(running, 'GET /api/v1/health HTTP/1.0\r\n\r\n'), / 40[03] /)
  t.match(await raw(running, `GET http://evil.example/api/v1/me HTTP/1.1\r\n${own}\r\n`), / 40[01] /)
})

t.test('localhost is sent to 127.0.0.1, which alone holds the session', async (t) => {
  const { ask, listeners } = await runApi(t)
  const { port } = listeners
  const answer = await ask('GET', '//?x=1', { host: `localhost:${port}` })
  t.equal(answer.status, 307)
  t.equal(answer.headers.location, `http://127.0.0.1:${port}/?x=1`)
  refused(t, await ask('POST', '/session/hello', { host: `localhost:${port}`, body: {} }), 'BAD_HOST')
  refused(t, await ask('GET', '/me', { host: 'localhost' }), 'BAD_HOST')
})

t.test('Origin: exact wherever it is given', async (t) => {
  const running = await runApi(t)
  const { ask, shell, listeners, signIn } = running
  const own = `http://127.0.0.1:${listeners.port}`
  const { token } = await signIn()
  t.equal((await ask('GET', '/me', { token, headers: { origin: own } })).status, 200)
  for (const origin of [
    'null',
    'http://evil.example',
    `${own}.evil.example`,
    `http://[::1]:${listeners.port}`,
    `http://localhost:${listeners.port}`,
    own.replace('http', 'https'),
    `${own}/`,
    '',
  ]) {
    refused(t, await ask('GET', '/me', { token, headers: { origin } }), 'BAD_ORIGIN', origin)
    t.equal(await handshake(running, { origin }), 403, `WebSocket ${origin}`)
  }
  refused(t, await shell('GET', '/me', { headers: { origin: own } }), 'BAD_ORIGIN', 'no page may use the unix socket')
})

t.test('WebSocket: without Origin it is refused, on TCP', async (t) => {
  const running = await runApi(t)
  t.equal(await handshake(running, {}), 403)
  t.equal(await handshake(running, { origin: `http://127.0.0.1:${running.listeners.port}` }), 101)
})

t.test('Sec-Fetch-Site: nothing from another site but a top-level navigation to the bare page', async (t) => {
  const { ask, signIn } = await runApi(t)
  const { token } = await signIn()
  for (const site of ['same-origin', 'none']) {
    t.equal((await ask('GET', '/me', { token, headers: { 'sec-fetch-site': site } })).status, 200)
  }
  for (const site of ['cross-site', 'same-site', '']) {
    refused(t, await ask('GET', '/me', { token, headers: { 'sec-fetch-site': site } }), 'BAD_SITE', site)
  }
  const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  t.equal((await ask('GET', '//', { headers: navigation })).status, 404, 'no page is built here, but the gate is open')
  refused(t, await ask('GET', '/me', { token, headers: navigation }), 'BAD_SITE')
  refused(t, await ask('GET', '//assets/index.js', { headers: navigation }), 'BAD_SITE')
  refused(t, await ask('POST', '//', { headers: navigation, body: {} }), 'BAD_SITE')
  refused(t, await ask('GET', '//', { headers: { ...navigation, 'sec-fetch-dest': 'iframe' } }), 'BAD_SITE')
})

t.test('forms and beacons of another page change nothing', async (t) => {
  const { ask, owner, signIn } = await runApi(t)
  const { token } = await signIn()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    t.match((await ask('PATCH', '/me', { token, body: '{"name":"mallory"}', headers })).body, {
      error: { code: 'BAD_SHAPE' },
    })
  }
  t.equal(owner.me().name, 'alice')
})

t.test('without a session everything but health and pairing is closed', async (t) => {
  const { ask, owner } = await runApi(t)
  t.equal((await ask('GET', '/health')).status, 200)
  const closed: [string, string][] = [
    ['GET', '/me'],
    ['PATCH', '/me'],
    ['GET', '/peers'],
    ['POST', '/peers'],
    ['GET', '/contacts'],
    ['POST', '/contacts'],
    ['GET', '/conversations'],
    ['POST', '/conversations'],
    ['GET', '/sessions'],
    ['DELETE', '/sessions/x'],
    ['GET', '/devices'],
    ['GET', '/status'],
    ['POST', '/session/code'],
    ['POST', '/stop'],
    ['GET', '/openapi.json'],
    ['GET', '/nothing'],
    ['GET', '/health/'],
    ['GET', '/Me'],
    ['GET', '//api/v1/%6de'],
  ]
  for (const [method, path] of closed) {
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
    refused(t, await ask(method, path, body), 'NO_SESSION', `${method} ${path}`)
    refused(t, await ask(method, path, { ...body, token: 'guess' }), 'NO_SESSION', `${method} ${path} with a guess`)
  }
  t.equal(owner.me().name, 'alice')
})

t.test('path tricks reach neither the API nor the disk', async (t) => {
  const { ask } = await runApi(t)
  const tricks = ['//', '/\\', '/%2f', '/%5c', '/..', '/%2e%2e', '/%00', '/./', '/;', '/%', '/%c0%ae']
  for (const a of tricks) {
    for (const b of tricks) {
      const { status, text } = await ask('GET', `/${a}api/v1${b}me${a}etc/passwd`)
      t.ok(
        status >= 400 && status < 500 && !text.includes('personId') && !text.includes('root:'),
        `${a} ${b} ${status}`,
      )
    }
  }
})

t.test('what only the unix socket may do is refused to a session', async (t) => {
  const { ask, shell, signIn, stops } = await runApi(t)
  const { token } = await signIn()
  t.match((await ask('POST', '/session/code', { token, body: { printed: true } })).body, {
    error: { code: 'NOT_ALLOWED' },
  })
  t.match((await ask('POST', '/stop', { token, body: {} })).body, { error: { code: 'NOT_ALLOWED' } })
  t.strictSame(stops, [])
  t.equal((await shell('POST', '/session/code', { body: { printed: true } })).status, 201)
})

t.test('every answer carries the security headers, and no cookie', async (t) => {
  const { ask } = await runApi(t)
  for (const answer of [
    await ask('GET', '/health'),
    await ask('GET', '/me'),
    await ask('GET', '//'),
    await ask('GET', '/me', { host: 'evil.example' }),
  ]) {
    t.match(answer.headers, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      'content-security-policy':
        /^default-src 'none'; script-src 'self';.*require-trusted-types-for 'script'; trusted-types lit-html warren$/,
    })
    t.notOk(answer.headers['set-cookie'])
  }
})
