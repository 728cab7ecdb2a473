import { randomBytes } from 'node:crypto'
import t from 'tap'
import { SessionInfo } from '../../../daemon/api/schemas/daemon.ts'
import { pageOf } from '../../../daemon/api/schemas/text.ts'
import type { CodeAnswer, PairAnswer, SessionChallenge, SessionInfo as Info } from '../../../protocol/http-access.ts'
import type { Page } from '../../../protocol/http.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'
import { bodyOf } from '../../support/api-answer.ts'
import { ownPort } from '../../support/own-port.ts'
import { hmac, openEvents, runApi, type Answer, type RunningApi } from '../../support/running-api.ts'

const codeOf = (url: string): string => new URL(url).hash.replace('#code=', '')

const nonce = (): string => randomBytes(16).toString('base64url')

const pair = async ({ ask }: RunningApi, code: string, own = nonce(), host?: string): Promise<Answer> =>
  await ask('POST', '/session/pair', {
    body: { code, nonce: own, label: 'Firefox, Linux' },
    ...(host === undefined ? {} : { host }),
  })

t.test('a code works once', async (t) => {
  const running = await runApi(t)
  const answer = await running.shell('POST', '/session/code', { body: { printed: false } })
  t.equal(answer.status, 201)
  const { url, expiresAt } = answer.body as CodeAnswer
  t.match(url, new RegExp(`^http://127\\.0\\.0\\.1:${running.listeners.port}/\\?open=[\\w-]{8}#code=[\\w-]{22}$`))
  t.equal(expiresAt, running.clock.now + limits.pairCodeMs)
  const paired = await pair(running, codeOf(url))
  t.equal(paired.status, 201)
  t.match(paired.body, { sessionId: /^[0-9a-f]{32}$/, secret: /^[\w-]{43}$/ })
  t.match((await pair(running, codeOf(url))).body, { error: { code: 'BAD_CODE' } })
  t.equal(running.sessions.rows.size, 1)
})

t.test('the page that used a code may ask again for a moment, and nobody else', async (t) => {
  const running = await runApi(t)
  const { url } = running.api.issueCode(false)
  const own = nonce()
  const first = await pair(running, codeOf(url), own)
  const again = async (ms: number): Promise<void> => {
    running.clock.now += ms
    t.strictSame(await bodyOf(pair(running, codeOf(url), own)), first.body)
  }
  await boundary(
    t,
    'pairRepeatMs',
    async () => {
      await again(limits.pairRepeatMs - 1)
      t.equal((await pair(running, codeOf(url), nonce())).status, 401)
    },
    async () => await again(1),
    'BAD_CODE',
  )
  t.equal(running.sessions.rows.size, 1)
  t.equal((await pair(running, codeOf(running.api.issueCode(false).url), 'short')).status, 400)
})

t.test('two answers on their way to one page are one session, and an ended one is not given again', async (t) => {
  const running = await runApi(t)
  const code = codeOf(running.api.issueCode(false).url)
  const own = nonce()
  const [a, b] = await Promise.all([pair(running, code, own), pair(running, code, own)])
  t.strictSame(a.body, b.body)
  const { sessionId } = a.body as PairAnswer
  await running.shell('DELETE', `/sessions/${sessionId}`)
  t.match((await pair(running, code, own)).body, { error: { code: 'NO_SESSION' } })
})

t.test('a code whose session could not be stored is not used up', async (t) => {
  const running = await runApi(t)
  const code = codeOf(running.api.issueCode(false).url)
  const put = running.sessions.put.bind(running.sessions)
  running.sessions.put = async () => {
    throw new Error('the disk is full')
  }
  t.equal((await pair(running, code)).status, 500)
  running.sessions.put = put
  t.equal((await pair(running, code)).status, 201)
})

t.test('what a page gets counts at its own address only', async (t) => {
  const running = await runApi(t)
  const { port } = running.listeners
  const session = await running.signIn()
  const six = { host: `[::1]:${port}` }
  const own = nonce()
  const hello = await running.ask('POST', '/session/hello', {
    ...six,
    body: { sessionId: session.sessionId, nonce: own },
  })
  const challenge = hello.body as SessionChallenge
  const sign = (who: string): string =>
    hmac(session.secret, `warren/1/${who}\0${session.sessionId}\0${own}\0${challenge.nonce}`)
  t.not(challenge.proof, sign('daemon'), 'a daemon elsewhere is not believed')
  const body = { sessionId: session.sessionId, nonce: challenge.nonce, proof: sign('page') }
  t.equal((await running.ask('POST', '/session/prove', { ...six, body })).status, 401, 'nor is the page')
  t.equal((await running.ask('POST', '/session/prove', { body })).status, 401)
  t.equal((await running.ask('GET', '/me', { token: sign('token') })).status, 401)
  // The same home on another port: whoever waits on the old one can relay nothing.
  const moved = await runApi(t, { open: false })
  await moved.api.open({ sessions: running.sessions, keys: moved.keys })
  moved.api.unlocked(moved.owner)
  await t.rejects(moved.prove(session), /did not prove itself/)
  t.equal((await running.ask('GET', '/me', { token: await running.prove(session) })).status, 200)
})

t.test('of many who race for one code, one wins', async (t) => {
  const running = await runApi(t)
  const code = codeOf(running.api.issueCode(false).url)
  // The winner's session is written until all others have come and gone, or one of them has a session written, too.
  const over = Promise.withResolvers<void>()
  const put = running.sessions.put.bind(running.sessions)
  let [writes, refusals] = [0, 0]
  running.sessions.put = async (row) => {
    if ((writes += 1) > 1) over.resolve()
    await over.promise
    await put(row)
  }
  const race = async (): Promise<Answer> => {
    const answer = await pair(running, code)
    if (answer.status === 401 && (refusals += 1) === 19) over.resolve()
    return answer
  }
  const answers = await Promise.all(Array.from({ length: 20 }, race))
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status }) => status === 401).length, 19)
  t.equal(running.sessions.rows.size, 1)
})

t.test('a code lives a minute, a printed one ten', async (t) => {
  const running = await runApi(t)
  const swapsAfter = async (printed: boolean, ms: number): Promise<unknown> => {
    const { url, expiresAt } = running.api.issueCode(printed)
    t.equal(expiresAt, running.clock.now + (printed ? limits.pairCodePrintedMs : limits.pairCodeMs))
    running.clock.now += ms
    return await bodyOf(pair(running, codeOf(url)))
  }
  await boundary(
    t,
    'pairCodeMs',
    async () => await swapsAfter(false, limits.pairCodeMs - 1),
    async () => await swapsAfter(false, limits.pairCodeMs),
    'BAD_CODE',
  )
  await boundary(
    t,
    'pairCodePrintedMs',
    async () => await swapsAfter(true, limits.pairCodePrintedMs - 1),
    async () => await swapsAfter(true, limits.pairCodePrintedMs),
    'BAD_CODE',
  )
})

t.test('a guessed, cut or empty code is worth nothing', async (t) => {
  const running = await runApi(t)
  const code = codeOf(running.api.issueCode(false).url)
  for (const guess of [code.slice(1), `${code}A`, code.toUpperCase(), 'A'.repeat(22)]) {
    t.equal((await pair(running, guess)).status, 401, guess)
  }
  t.equal((await pair(running, '')).status, 400)
  t.equal((await pair(running, code)).status, 201, 'and does not use up the real one')
})

t.test('page and daemon prove themselves, and the secret is never sent again', async (t) => {
  const running = await runApi(t)
  const { ask, signIn, prove } = running
  const { token, ...session } = await signIn()
  t.equal((await ask('GET', '/me', { token })).status, 200)
  const second = await prove(session)
  t.not(second, token, 'each load has its own token')
  t.equal((await ask('GET', '/me', { token })).status, 200, 'and two tabs live side by side')
  t.equal((await ask('GET', '/me', { token: session.secret })).status, 401)
})

t.test('a proof counts once, for its own nonces, and only from who knows the secret', async (t) => {
  const running = await runApi(t)
  const { ask, signIn } = running
  const session = await signIn()
  const other = await signIn()
  const hello = async (): Promise<{ own: string; challenge: SessionChallenge }> => {
    const own = nonce()
    const { body } = await ask('POST', '/session/hello', { body: { sessionId: session.sessionId, nonce: own } })
    return { own, challenge: body as SessionChallenge }
  }
  const said = (who: string, own: string, theirs: string): string =>
    `warren/1/${who}\0${session.sessionId}\0${own}\0${theirs}`
  const send = async (body: object): Promise<number> =>
    (await ask('POST', '/session/prove', { body: { sessionId: session.sessionId, ...body } })).status
  const a = await hello()
  t.equal(await send({ nonce: a.challenge.nonce, proof: a.challenge.proof }), 401, "the daemon's own proof sent back")
  t.equal(
    await send({ nonce: a.challenge.nonce, proof: hmac(session.secret, said('page', a.own, a.challenge.nonce)) }),
    401,
    'after a wrong one the challenge is gone',
  )
  const b = await hello()
  const proof = hmac(session.secret, said('page', b.own, b.challenge.nonce))
  t.equal(
    await send({ nonce: b.challenge.nonce, proof: hmac(other.secret, said('page', b.own, b.challenge.nonce)) }),
    401,
    'another secret',
  )
  t.equal(await send({ nonce: b.challenge.nonce, proof }), 401)
  const c = await hello()
  const fitting = hmac(session.secret, said('page', c.own, c.challenge.nonce))
  t.equal(await send({ nonce: c.challenge.nonce, proof: fitting, sessionId: other.sessionId }), 401, 'another session')
  const d = await hello()
  const good = { nonce: d.challenge.nonce, proof: hmac(session.secret, said('page', d.own, d.challenge.nonce)) }
  running.clock.now += 30_000
  t.equal(await send(good), 401, 'too late')
  const e = await hello()
  const last = { nonce: e.challenge.nonce, proof: hmac(session.secret, said('page', e.own, e.challenge.nonce)) }
  t.equal(await send(last), 204)
  t.equal(await send(last), 401, 'replayed')
})

t.test('hello tells strangers nothing', async (t) => {
  const { ask } = await runApi(t)
  t.match((await ask('POST', '/session/hello', { body: { sessionId: 'f'.repeat(32), nonce: nonce() } })).body, {
    error: { code: 'NO_SESSION' },
  })
  t.equal((await ask('POST', '/session/hello', { body: { sessionId: 'x', nonce: 'short' } })).status, 400)
})

t.test('a flood of hellos is bounded, and the newest still counts', async (t) => {
  const running = await runApi(t)
  const { sessionId, secret } = await running.signIn()
  for (let count = 0; count < 300; count += 1) {
    await running.ask('POST', '/session/hello', { body: { sessionId, nonce: nonce() } })
  }
  t.match(await running.prove({ sessionId, secret }), /^[\w-]{43}$/)
})

t.test('sessions outlive the daemon, tokens do not', async (t) => {
  const first = await runApi(t, { port: await ownPort() })
  const { token, ...session } = await first.signIn()
  await first.close()
  const second = await runApi(t, { open: false, port: first.listeners.port })
  await second.api.open({ sessions: first.sessions, keys: second.keys })
  second.api.unlocked(second.owner)
  t.equal((await second.ask('GET', '/me', { token })).status, 401)
  t.equal((await second.ask('GET', '/me', { token: await second.prove(session) })).status, 200)
})

t.test('sessions are listed, newest first, and the asking one is marked', async (t) => {
  const running = await runApi(t)
  const first = await running.signIn()
  running.clock.now += 1000
  const second = await running.signIn()
  const answer = await running.ask('GET', '/sessions', { token: first.token })
  t.strictSame(pageOf(SessionInfo).parse(answer.body), answer.body)
  const { items } = answer.body as Page<Info>
  t.strictSame(
    items.map(({ id, current }) => [id, current]),
    [
      [second.sessionId, false],
      [first.sessionId, true],
    ],
  )
  t.notMatch(answer.text, first.secret)
  const seen = (await running.shell('GET', '/sessions')).body as Page<Info>
  t.notOk(seen.items.some(({ current }) => current))
})

t.test('a revoked session is closed at once: requests, proofs and open sockets', async (t) => {
  const running = await runApi(t)
  const { ask, shell, signIn } = running
  const [lost, kept] = [await signIn(), await signIn()]
  const [lostEvents, keptEvents] = [
    await openEvents(t, running, { token: lost.token }),
    await openEvents(t, running, { token: kept.token }),
  ]
  await Promise.all([lostEvents.until('snapshot'), keptEvents.until('snapshot')])
  t.equal((await ask('DELETE', `/sessions/${lost.sessionId}`, { token: kept.token })).status, 204)
  t.match(await lostEvents.until('closing'), { reason: 'revoked' })
  t.equal(await lostEvents.closed, 4403)
  t.equal((await ask('GET', '/me', { token: lost.token })).status, 401)
  t.equal((await ask('POST', '/session/hello', { body: { sessionId: lost.sessionId, nonce: nonce() } })).status, 401)
  t.equal((await ask('DELETE', `/sessions/${lost.sessionId}`, { token: kept.token })).status, 404)
  t.equal(running.sessions.rows.size, 1)
  running.owner.see('bob')
  t.match(await keptEvents.next(), { type: 'peer' }, 'the other one goes on')
  t.equal((await shell('DELETE', `/sessions/${kept.sessionId}`)).status, 204, 'the shell may end any')
})

t.test('a session that is revoked while it proves itself stays revoked', async (t) => {
  const running = await runApi(t)
  const { token: _, ...session } = await running.signIn()
  const put = running.sessions.put.bind(running.sessions)
  running.sessions.put = async (row) => {
    await running.shell('DELETE', `/sessions/${session.sessionId}`)
    await put(row)
  }
  await t.rejects(running.prove(session), /NO_SESSION/)
  t.equal(running.sessions.rows.size, 0)
})
