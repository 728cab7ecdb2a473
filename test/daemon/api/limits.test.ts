import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import type { Conversation } from '../../../protocol/http-conversations.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary, upTo } from '../../limits/boundary.ts'
import { bodyOf } from '../../support/api-answer.ts'
import { runApi, type Asking, type RunningApi } from '../../support/running-api.ts'

async function notes(running: RunningApi): Promise<string> {
  const { body } = await running.shell('POST', '/conversations', { body: { kind: 'self' } })
  return `/conversations/${(body as Conversation).id}/messages`
}

/** A body of exactly `bytes` bytes that is a good message but for its size. */
const sized = (bytes: number): string => `{"text":"x","clientId":"c"${' '.repeat(bytes - 27)}}`

/** Begins a POST whose body the caller writes. */
function begin({ listeners }: RunningApi, path: string, token: string, headers: Record<string, string>): ClientRequest {
  const asked = request({
    host: '127.0.0.1',
    port: listeners.port,
    method: 'POST',
    path: `/api/v1${path}`,
    agent: false,
  })
  for (const [name, value] of Object.entries(headers)) asked.setHeader(name, value)
  asked.setHeader('authorization', `Bearer ${token}`)
  asked.setHeader('content-type', 'application/json')
  asked.on('error', () => undefined) // the daemon may cut the connection while we write
  return asked
}

async function statusOf(asked: ClientRequest): Promise<number> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  asked.destroy()
  return response.statusCode ?? 0
}

t.test('a body of one MiB goes through, one byte more does not', async (t) => {
  const running = await runApi(t)
  const path = await notes(running)
  t.equal(Buffer.byteLength(sized(100)), 100)
  await upTo(t, 'apiBodyBytes', async (bytes) => await bodyOf(running.shell('POST', path, { body: sized(bytes) })))
  t.equal((await running.shell('POST', path, { body: sized(limits.apiBodyBytes + 1) })).status, 413)
})

t.test('a body in chunks counts the same', async (t) => {
  const running = await runApi(t)
  const path = await notes(running)
  const { token } = await running.signIn()
  const post = async (bytes: number): Promise<number> => {
    const asked = begin(running, path, token, { 'transfer-encoding': 'chunked' })
    const body = sized(bytes)
    for (let at = 0; at < body.length; at += 100_000) asked.write(body.slice(at, at + 100_000))
    asked.end()
    return await statusOf(asked)
  }
  t.equal(await post(300), 201)
  t.equal(await post(limits.apiBodyBytes), 200)
  t.equal(await post(limits.apiBodyBytes + 1), 413)
})

t.test('a gigabyte is refused before it is read, said aloud or in chunks', async (t) => {
  const running = await runApi(t)
  const path = await notes(running)
  const { token } = await running.signIn()
  const stated = begin(running, path, token, { 'content-length': String(2 ** 30) })
  stated.write('{"text":"')
  t.equal(await statusOf(stated), 413)
  const endless = begin(running, path, token, { 'transfer-encoding': 'chunked' })
  const before = process.memoryUsage().rss
  const chunk = 'x'.repeat(64 * 1024)
  // Whoever writes on while the answer is on its way may be cut off before they can read it.
  const answered = statusOf(endless).catch((error: unknown) => (error as NodeJS.ErrnoException).code)
  let outcome: string | number | undefined
  while (outcome === undefined) {
    if (endless.write(chunk)) continue
    outcome = await Promise.race([
      once(endless, 'drain').then(
        () => undefined,
        async () => await answered,
      ),
      answered,
    ])
  }
  t.ok(outcome === 413 || outcome === 'EPIPE' || outcome === 'ECONNRESET', `${outcome}`)
  t.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024)
  t.equal((await running.ask('GET', '/me', { token })).status, 200, 'and others are served')
})

t.test('a body that is not UTF-8 is refused', async (t) => {
  const running = await runApi(t)
  const path = await notes(running)
  const { token } = await running.signIn()
  const asked = begin(running, path, token, {})
  asked.end(Buffer.from([...Buffer.from('{"clientId":"c","text":"'), 0xff, 0xfe, ...Buffer.from('"}')]))
  t.equal(await statusOf(asked), 400)
})

t.test('a browser session sends 120 messages a minute; the shell and other sessions go on', async (t) => {
  const running = await runApi(t)
  const { ask, shell, signIn, clock } = running
  const path = await notes(running)
  const [busy, calm] = [await signIn(), await signIn()]
  const post = (token: string, clientId: string): [string, string, Asking] => [
    'POST',
    path,
    { token, body: { text: 'x', clientId } },
  ]
  await boundary(
    t,
    'sendsPerMinute',
    async () => {
      for (let count = 0; count < limits.sendsPerMinute; count += 1) {
        if (count === 1) clock.now += 20_000
        await bodyOf(ask(...post(busy.token, `b${count}`)))
      }
    },
    async () => await bodyOf(ask(...post(busy.token, 'more'))),
    'RATE_LIMITED',
  )
  const refused = await ask(...post(busy.token, 'more'))
  t.equal(refused.status, 429)
  t.equal(refused.headers['retry-after'], '40')
  t.equal((await ask(...post(calm.token, 'c'))).status, 201)
  t.equal((await shell('POST', path, { body: { text: 'x', clientId: 's' } })).status, 201)
  clock.now += 39_999
  t.equal((await ask(...post(busy.token, 'more'))).status, 429)
  clock.now += 1
  t.equal((await ask(...post(busy.token, 'more'))).status, 201)
  t.equal((await ask(...post(busy.token, 'again'))).status, 429, 'only the first one has left the minute')
})

t.test('slow headers, slow bodies and idle connections end by time, whatever trickles in', async (t) => {
  const running = await runApi(t, { times: { headersMs: 1000, requestMs: 2000, checkMs: 50 } })
  const host = `Host: 127.0.0.1:${running.listeners.port}`
  const { token } = await running.signIn()
  const dawdle = async (...lines: string[]): Promise<string> => {
    const socket = connect(running.listeners.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (data: Buffer) => {
      answer += data.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.write(lines.join('\r\n'))
    const trickle = setInterval(() => socket.write('x'), 40)
    // once() of events rejects at a reset, which is one way to be cut.
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
    })
    clearInterval(trickle)
    return answer.split('\r\n')[0] ?? ''
  }
  const body = ['Content-Type: application/json', 'Content-Length: 4000', '', '{']
  const answers = await Promise.all([
    dawdle(''),
    dawdle('GET /api/v1/health HTTP/1.1', host, 'X-Slow: '),
    dawdle('POST /api/v1/session/pair HTTP/1.1', host, ...body),
    dawdle('POST /api/v1/conversations HTTP/1.1', host, `Authorization: Bearer ${token}`, ...body),
  ])
  for (const answer of answers) t.match(answer, /^$|^HTTP\/1\.1 40[08]/)
  t.equal((await running.ask('GET', '/me', { token })).status, 200)
})

t.test('a body without a session has 4 KiB at most', async (t) => {
  const { api, ask } = await runApi(t)
  const pair = async (bytes: number): Promise<unknown> => {
    const code = new URL(api.issueCode(false).url).hash.replace('#code=', '')
    const body = JSON.stringify({ code, nonce: 'n'.repeat(22), label: 'Test' }).padEnd(bytes)
    t.equal(body.length, bytes)
    return await bodyOf(ask('POST', '/session/pair', { body }))
  }
  await upTo(t, 'apiOpenBodyBytes', pair)
})

t.test('connections: the oldest stranger makes room, a page that has shown its session stays', async (t) => {
  const running = await runApi(t)
  const { port } = running.listeners
  const { token } = await running.signIn()
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const page = await open()
  const ask = async (socket: Socket): Promise<boolean> => {
    socket.write(`GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    const [data] = (await once(socket, 'data')) as [Buffer]
    return data.toString('latin1').startsWith('HTTP/1.1 200')
  }
  t.ok(await ask(page))
  const strangers: Socket[] = []
  const [oldest, second] = [await open(), await open()]
  strangers.push(oldest, second)
  /** With the page; says whether the oldest stranger is still there, and shows no session on it. */
  const holds = async (count: number): Promise<boolean> => {
    while (strangers.length < count - 1) strangers.push(await open())
    oldest.write(`GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    return await Promise.race([once(oldest, 'data').then(() => true), once(oldest, 'close').then(() => false)])
  }
  await upTo(t, 'apiConnections', holds, 'no')
  t.ok(await ask(page), 'the page is older than all of them')
  t.equal(second.destroyed, false)
})
