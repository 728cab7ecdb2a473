/** Requests that another web page, a rebound name or a form could make of a browser: against a running daemon. */

import t, { type Test } from 'tap'
import { json, request, startTarget, type RawAnswer } from './gate-target.ts'

t.setTimeout(240_000)

/** Refused with `code`, and nothing that a page of another origin could read. */
function refused(t: Test, answer: RawAnswer, code: string, what: string): void {
  const wanted = code === 'BAD_SHAPE' ? 400 : code === 'NO_SESSION' ? 401 : 403
  t.equal(answer.status, wanted, what)
  t.ok(answer.body.includes(`"code":"${code}"`), `${what}: ${answer.body}`)
  t.notMatch(answer.head, /access-control-allow|set-cookie/)
}

const strangers = (port: number): string[] => [
  'evil.example',
  `evil.example:${port}`,
  `127.0.0.1.evil.example:${port}`,
  `127.0.0.1:${port}.evil.example`,
  '127.0.0.1',
  `127.0.0.1:${port + 1}`,
  `127.0.0.1:${port}0`,
  `127.0.0.1:0${port}`,
  `127.0.0.1.:${port}`,
  `127.1:${port}`,
  `2130706433:${port}`,
  `0x7f000001:${port}`,
  `0.0.0.0:${port}`,
  `[::]:${port}`,
  `[::ffff:127.0.0.1]:${port}`,
  `[0:0:0:0:0:0:0:1]:${port}`,
  `localhost.:${port}`,
  `sub.localhost:${port}`,
  `user@127.0.0.1:${port}`,
  `127.0.0.1:${port}, evil.example`,
  `127.0.0.1:${port}/`,
]

t.test('a rebound name, on GET, OPTIONS, POST and WebSocket', async (t) => {
  const target = await startTarget(t)
  const token = `Authorization: Bearer ${await target.prove(await target.pair())}`
  const before = await target.state()
  for (const host of strangers(target.port)) {
    // As a page of that name would send it: Origin and Host agree.
    const headers = [`Host: ${host}`, `Origin: http://${host}`, 'Sec-Fetch-Site: same-origin', token]
    for (const [method, body] of [
      ['GET', ''],
      ['OPTIONS', ''],
      ['POST', '{"name":"mallory"}'],
      ['DELETE', ''],
    ] as const) {
      const all = body === '' ? headers : [...headers, ...json(body)]
      const answer = await target.raw(request(method, '/api/v1/me', all, body))
      // What is no address at all ends before the gate.
      if (answer.status === 400) t.ok(answer.body.length < 8, `${method} ${host}: ${answer.body}`)
      else refused(t, answer, 'BAD_HOST', `${method} ${host}`)
    }
    t.match(String(await target.handshake({ host, origin: `http://${host}` })), /^40[03]$/, `WebSocket ${host}`)
  }
  for (const path of ['/', '/api/v1/health', '/assets/a.js']) {
    refused(t, await target.raw(request('GET', path, ['Host: evil.example'])), 'BAD_HOST', path)
  }
  t.strictSame(await target.state(), before)
})

t.test('no Host, an empty one, two of them', async (t) => {
  const target = await startTarget(t)
  const get = async (...headers: string[]): Promise<number> =>
    (await target.raw(request('GET', '/api/v1/health', headers))).status
  t.equal(await get(target.ownHost), 200)
  for (const headers of [
    [],
    ['Host:'],
    ['Host: '],
    [target.ownHost, 'Host: evil.example'],
    ['Host: evil.example', target.ownHost],
    [target.ownHost, target.ownHost],
    [target.ownHost, 'host: evil.example'],
    ['X-Forwarded-Host: 127.0.0.1', 'Host: evil.example'],
  ]) {
    t.match(String(await get(...headers)), /^(?:400|403)$/, headers.join(' | '))
  }
  const { port } = target
  for (const twice of [
    `Host: 127.0.0.1:${port}\r\nHost: evil.example`,
    `Host: localhost:${port}\r\nHost: evil.example`,
  ]) {
    for (const method of ['GET', 'OPTIONS', 'HEAD']) {
      t.match(String((await target.raw(request(method, '/', [twice]))).status), /^(?:400|403)$/, `${method} ${twice}`)
    }
    const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
    const text = `GET /api/v1/events HTTP/1.1\r\n${twice}\r\nOrigin: http://127.0.0.1:${port}\r\nConnection: Upgrade\r\n${upgrade.join('\r\n')}\r\n\r\n`
    t.match(String((await target.raw(text)).status), /^(?:400|403)$/, `WebSocket ${twice}`)
  }
})

t.test('another Origin, on every method and on a WebSocket', async (t) => {
  const target = await startTarget(t)
  const token = `Authorization: Bearer ${await target.prove(await target.pair())}`
  const before = await target.state()
  const own = `http://${target.host}`
  for (const origin of [
    'null',
    'http://evil.example',
    `http://evil.example:${target.port}`,
    own.replace('http', 'https'),
    `${own}.evil.example`,
    `http://[::1]:${target.port}`,
    `http://localhost:${target.port}`,
    'file://',
    'chrome-extension://abcdefghijklmnop',
    `${own} ${own}`,
    `${own}/`,
    '',
  ]) {
    for (const [method, path, body] of [
      ['GET', '/api/v1/me', ''],
      ['OPTIONS', '/api/v1/me', ''],
      ['PATCH', '/api/v1/me', '{"name":"mallory"}'],
      ['DELETE', '/api/v1/sessions/x', ''],
      ['POST', '/api/v1/session/pair', '{}'],
      ['GET', '/', ''],
    ] as const) {
      const headers = [target.ownHost, `Origin: ${origin}`, token, ...(body === '' ? [] : json(body))]
      const answer = await target.raw(request(method, path, headers, body))
      refused(t, answer, 'BAD_ORIGIN', `${method} ${path} from "${origin}"`)
    }
    t.equal(await target.handshake({ origin }), 403, `WebSocket from "${origin}"`)
  }
  t.equal(await target.handshake({}), 403, 'a WebSocket that names no origin')
  t.strictSame(await target.state(), before)
})

t.test('Sec-Fetch-Site of another site, and of another port', async (t) => {
  const target = await startTarget(t)
  const token = `Authorization: Bearer ${await target.prove(await target.pair())}`
  for (const site of ['cross-site', 'same-site', 'Same-Origin', 'none, cross-site', '']) {
    for (const path of ['/api/v1/me', '/api/v1/health', '/assets/a.js', '/index.html', '/']) {
      const answer = await target.raw(request('GET', path, [target.ownHost, token, `Sec-Fetch-Site: ${site}`]))
      refused(t, answer, 'BAD_SITE', `${path} from "${site}"`)
    }
    const body = '{"name":"mallory"}'
    const headers = [target.ownHost, token, `Sec-Fetch-Site: ${site}`, ...json(body)]
    refused(t, await target.raw(request('PATCH', '/api/v1/me', headers, body)), 'BAD_SITE', `PATCH from "${site}"`)
  }
  const opening = [target.ownHost, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']
  const page = await target.raw(request('GET', '/', opening))
  t.equal(page.status, 200, 'but a link may open the bare page')
  t.match(page.body, /the page/)
  refused(t, await target.raw(request('GET', '/api/v1/me', [...opening, token])), 'BAD_SITE', 'and nothing else')
})

t.test('bodies that a form or a beacon could send, and no type at all', async (t) => {
  const target = await startTarget(t)
  const token = `Authorization: Bearer ${await target.prove(await target.pair())}`
  const before = await target.state()
  const types = [
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/json-patch+json',
    'application/json; charset=utf-16',
    '',
  ]
  const bodies: [string, string, string][] = [
    ['PATCH', '/me', '{"name":"mallory"}'],
    ['POST', '/conversations', '{"kind":"self"}'],
    ['POST', '/peers', '{"address":"127.0.0.1:1"}'],
    ['POST', '/session/pair', '{"code":"x"}'],
    ['POST', '/session/code', '{"printed":true}'],
    ['POST', '/stop', '{}'],
  ]
  for (const [method, path, body] of bodies) {
    for (const type of [...types.map((each) => [`Content-Type: ${each}`]), []]) {
      const headers = [target.ownHost, token, ...type, `Content-Length: ${body.length}`]
      const answer = await target.raw(request(method, `/api/v1${path}`, headers, body))
      const what = `${method} ${path} as ${type[0] ?? 'nothing'}`
      refused(t, answer, 'BAD_SHAPE', what)
      t.match(answer.body, 'the body must be application/json', `${what}: by its type, whatever a route makes of it`)
    }
  }
  t.strictSame(await target.state(), before)
})
