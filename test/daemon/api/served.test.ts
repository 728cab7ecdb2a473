/** The second socket, behind a proxy that ends TLS: the owner's other browsers come there, and so may anybody on the tailnet. */

import { once } from 'node:events'
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { CodeAnswer, PairAnswer } from '../../../protocol/http-access.ts'
import { listenApi } from '../../../daemon/api/listen.ts'
import { runApi, shortFolder, type Answer, type RunningApi } from '../../support/running-api.ts'

const origin = 'https://laptop.tail1234.ts.net'
const host = 'laptop.tail1234.ts.net'

const log = (): void => undefined

const start = async (t: Test): Promise<RunningApi & { socket: string }> => {
  const socket = join(shortFolder(t), 'served.sock')
  return { ...(await runApi(t, { served: { socket, origin } })), socket }
}

const refusal = ({ status, body }: Answer): unknown => [status, (body as { error?: { code?: string } }).error?.code]

t.test('Host and Origin are those of the proxy, and no others', async (t) => {
  const { served, ask, signIn, listeners } = await start(t)
  const { token } = await signIn()
  t.equal((await served('GET', '/me', { token })).status, 200)
  t.equal((await served('GET', '/me', { token, headers: { origin } })).status, 200)
  const local = `127.0.0.1:${listeners.port}`
  for (const bad of [local, 'localhost', `${host}.evil.example`, `${host}:443`, `${host}.`, 'evil.example', '']) {
    t.strictSame(refusal(await served('GET', '/me', { token, host: bad })), [403, 'BAD_HOST'], bad)
  }
  for (const bad of [`http://${host}`, `http://${local}`, 'null', `${origin}:8443`, 'https://evil.example']) {
    t.strictSame(refusal(await served('GET', '/me', { token, headers: { origin: bad } })), [403, 'BAD_ORIGIN'], bad)
  }
  for (const site of ['cross-site', 'same-site']) {
    const headers = { 'sec-fetch-site': site }
    t.strictSame(refusal(await served('GET', '/me', { token, headers })), [403, 'BAD_SITE'], site)
  }
  t.strictSame(refusal(await ask('GET', '/me', { token, host })), [403, 'BAD_HOST'], 'that name is nothing on loopback')
  t.strictSame(refusal(await ask('GET', '/me', { token, headers: { origin } })), [403, 'BAD_ORIGIN'])
})

t.test('whoever comes through the proxy is not the owner, and needs a session', async (t) => {
  const { served, signIn, stops } = await start(t)
  t.strictSame(refusal(await served('GET', '/me')), [401, 'NO_SESSION'])
  t.strictSame(refusal(await served('POST', '/sessions/links', { body: {} })), [401, 'NO_SESSION'])
  const { token } = await signIn()
  t.strictSame(refusal(await served('POST', '/session/code', { token, body: { printed: true } })), [403, 'NOT_ALLOWED'])
  t.strictSame(refusal(await served('POST', '/stop', { token, body: {} })), [403, 'NOT_ALLOWED'])
  t.strictSame(stops, [])
  t.equal((await served('GET', '/health')).status, 200)
})

t.test('a signed-in page makes a link for another browser, whose session counts at that address only', async (t) => {
  const { served, ask, signIn } = await start(t)
  const { token } = await signIn()
  const made = await ask('POST', '/sessions/links', { token, body: {} })
  t.equal(made.status, 201)
  const { url, expiresAt } = made.body as CodeAnswer
  t.match(url, /^https:\/\/laptop\.tail1234\.ts\.net\/\?open=[\w-]+#code=[\w-]{22}$/)
  t.ok(expiresAt > Date.now())
  const body = { code: new URL(url).hash.slice('#code='.length), nonce: 'A'.repeat(21) + 'A', label: 'Phone' }
  const paired = await served('POST', '/session/pair', { body })
  t.equal(paired.status, 201, paired.text)
  t.strictSame(refusal(await served('POST', '/session/pair', { body: { ...body, nonce: 'B'.repeat(21) + 'A' } })), [
    401,
    'BAD_CODE',
  ])
  // The proof that this page was given at the served address is another than at 127.0.0.1.
  const { sessionId } = paired.body as PairAnswer
  const nonce = 'C'.repeat(21) + 'A'
  const here = await served('POST', '/session/hello', { body: { sessionId, nonce } })
  const there = await ask('POST', '/session/hello', { body: { sessionId, nonce } })
  t.equal(here.status, 200)
  t.equal(there.status, 200)
  t.not((here.body as { proof: string }).proof, (there.body as { proof: string }).proof)
})

t.test('where nothing is served there is no such link', async (t) => {
  const { ask, signIn } = await runApi(t)
  const { token } = await signIn()
  t.strictSame(refusal(await ask('POST', '/sessions/links', { token, body: {} })), [404, 'NOT_FOUND'])
})

async function handshake(socket: string, headers: Record<string, string>): Promise<number> {
  const opened = new WebSocket(`ws+unix://${socket}:/api/v1/events`, { headers: { host, ...headers } })
  opened.on('error', () => undefined)
  const status = await Promise.race([
    once(opened, 'open').then(() => 101),
    once(opened, 'unexpected-response').then(([, response]) => (response as IncomingMessage).statusCode ?? 0),
  ])
  opened.terminate()
  return status
}

t.test('a WebSocket needs the origin, and proves itself by a token', async (t) => {
  const { socket } = await start(t)
  t.equal(await handshake(socket, { origin }), 101)
  t.equal(await handshake(socket, {}), 403)
  t.equal(await handshake(socket, { origin: `http://${host}` }), 403)
})

t.test('nobody else on this machine can open the socket, and nothing that is there is taken away', async (t) => {
  const { api, socket } = await start(t)
  if (process.platform !== 'win32') t.equal(lstatSync(socket).mode & 0o777, 0o600)
  const folder = shortFolder(t)
  const begin = async (name: string, serveSocket: string): Promise<unknown> => {
    mkdirSync(join(folder, name), { mode: 0o700 })
    return await listenApi(api, { port: 0, home: join(folder, name), serveSocket }, log).then(
      async (listeners) => await listeners.close(),
      (error: unknown) => error,
    )
  }
  t.match(await begin('a', socket), { code: 'HOME_IN_USE', message: /--serve-socket/ })
  const file = join(folder, 'file')
  writeFileSync(file, 'mine')
  t.match(await begin('b', file), { code: 'HOME_UNWRITABLE', message: /not a socket/ })
  t.equal(lstatSync(file).size, 4)
  t.match(await begin('c', join(folder, 'no', 'folder')), { code: 'HOME_UNWRITABLE', message: /ENOENT|EACCES/ })
  const left = join(folder, 'left')
  const crashed = createServer().listen(left)
  await once(crashed, 'listening')
  t.match(await begin('d', left), { code: 'HOME_IN_USE' })
  crashed.close()
  t.equal(await begin('e', left), undefined, 'one that nobody answers at is made anew')
})
