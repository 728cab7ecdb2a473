import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import t from 'tap'
import type { BackupCourse } from '../../../protocol/http-backup.ts'
import type { Conversation, ExportLink } from '../../../protocol/http-conversations.ts'
import type { Page } from '../../../protocol/http.ts'
import { limits } from '../../../protocol/limits.ts'
import { runApi, type RunningApi } from '../../support/running-api.ts'

const wish = { format: 'json', language: 'en' } as const
const query = '?format=json&language=en'

const notesOf = async ({ shell }: RunningApi): Promise<string> =>
  ((await shell('GET', '/conversations')).body as Page<Conversation>).items[0]?.id ?? ''

const pathFor = async (running: RunningApi): Promise<string> =>
  `/conversations/${encodeURIComponent(await notesOf(running))}/export`

/** Asks for a link, and answers its path behind /api/v1. */
async function linkOf({ ask }: RunningApi, path: string, token: string): Promise<string> {
  const answer = await ask('POST', path, { token, body: wish })
  return (answer.body as ExportLink).link.replace('/api/v1', '')
}

/** Where it is told how far that is, and ended. */
const courseOf = (link: string): string => link.replace('/exports/', '/backups/')

/** The answer's head; its body is not taken. */
async function begun({ listeners }: RunningApi, path: string): Promise<IncomingMessage> {
  const asked = request({ host: '127.0.0.1', port: listeners.port, path: `/api/v1${path}`, agent: false })
  asked.on('error', () => undefined)
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return response
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => void setImmediate(resolve))
}

t.test('the file is an attachment with a name, that no browser shows in place of the page', async (t) => {
  const running = await runApi(t)
  const { shell, ask, signIn } = running
  const path = await pathFor(running)
  const { token } = await signIn()
  for (const answer of [await shell('GET', path + query), await ask('GET', path + query, { token })]) {
    t.equal(answer.status, 200)
    t.equal(answer.text.length, 3 * 64 * 1024)
    t.match(answer.headers, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="warren-2026-11-20.json"; filename*=UTF-8''warren-${encodeURIComponent('жанна')}-2026-11-20.json`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  }
  for (const [bad, code] of [
    ['', 'BAD_SHAPE'],
    ['?format=pdf&language=en', 'BAD_SHAPE'],
    ['?format=json&language=fr', 'BAD_SHAPE'],
    ['?format=json&language=en&path=/x', 'BAD_SHAPE'],
  ] as const)
    t.match((await shell('GET', path + bad)).body, { error: { code } }, bad)
  const nowhere = path.replace(/\/[^/]+\/export$/, `/${'a'.repeat(52)}/export`)
  t.match((await shell('GET', nowhere + query)).body, { error: { code: 'NOT_FOUND' } })
  t.match((await ask('POST', nowhere, { token, body: wish })).body, { error: { code: 'NOT_FOUND' } })
  t.match((await ask('GET', path + query)).body, { error: { code: 'NO_SESSION' } })
})

t.test('a link works once, in its minute, for no other than its own file', async (t) => {
  const running = await runApi(t)
  const { ask, signIn, clock } = running
  const path = await pathFor(running)
  const { token } = await signIn()
  t.match((await ask('POST', path, { body: wish })).body, { error: { code: 'NO_SESSION' } })
  const link = await linkOf(running, path, token)
  const headers = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' }
  t.equal((await ask('GET', link, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403)
  t.equal((await ask('GET', link, { host: 'evil.example' })).status, 403)
  const answer = await ask('GET', link, { headers })
  t.equal(answer.status, 200)
  t.match(answer.headers, { 'content-disposition': /^attachment/ })
  t.match((await ask('GET', link, { headers })).body, { error: { code: 'NO_SESSION' } })
  const late = await linkOf(running, path, token)
  clock.now += limits.exportTicketMs
  t.match((await ask('GET', late)).body, { error: { code: 'NO_SESSION' } })
  t.match((await ask('GET', '/exports/guessed')).body, { error: { code: 'NO_SESSION' } })
})

t.test('what nobody takes is not read, and who goes away ends it', async (t) => {
  const running = await runApi(t)
  const { owner, signIn } = running
  const path = await pathFor(running)
  const { token } = await signIn()
  owner.exports.length = 100_000
  const response = await begun(running, await linkOf(running, path, token))
  t.equal(response.statusCode, 200)
  // As much as sockets and streams hold, however long it is let alone: each turn of the loop could read another one.
  let still = 0
  for (let before = -1; still < 2000;) {
    still = owner.exports.pieces === before ? still + 1 : 0
    before = owner.exports.pieces
    await new Promise((resolve) => void setImmediate(resolve))
  }
  t.ok(owner.exports.pieces < 200, `${owner.exports.pieces} pieces of 64 KiB were read`)
  t.equal(owner.exports.ended, 0)
  response.destroy()
  await until(() => owner.exports.ended === 1)
  t.ok(owner.exports.pieces < 200)
})

t.test(
  'who asked for it sees how far it is, and ends it: nothing more is read, and the download breaks off',
  async (t) => {
    const running = await runApi(t)
    const { owner, ask, signIn } = running
    const path = await pathFor(running)
    const { token } = await signIn()
    const { token: other } = await signIn()
    owner.exports.length = 100_000
    const link = await linkOf(running, path, token)
    const course = courseOf(link)
    t.match((await ask('GET', course, { token })).body, { state: 'waiting', given: 0 })
    const response = await begun(running, link)
    await once(response, 'readable')
    const going = (await ask('GET', course, { token })).body as BackupCourse
    t.ok(going.state === 'going' && going.given > 0)
    for (const method of ['GET', 'DELETE'] as const)
      t.match((await ask(method, course, { token: other })).body, { error: { code: 'NOT_FOUND' } })
    response.resume()
    const broken = once(response, 'aborted')
    t.equal((await ask('DELETE', course, { token })).status, 204)
    await broken
    await until(() => owner.exports.ended === 1)
    t.match((await ask('GET', course, { token })).body, { state: 'ended' })

    const unused = await linkOf(running, path, token)
    t.equal((await ask('DELETE', courseOf(unused), { token })).status, 204)
    t.match((await ask('GET', unused)).body, { error: { code: 'NO_SESSION' } })
    owner.exports.length = 3
    const whole = await linkOf(running, path, token)
    t.equal((await ask('GET', whole)).text.length, 3 * 64 * 1024)
    t.equal((await ask('DELETE', courseOf(whole), { token })).status, 204, 'too late, and nothing is wrong')
    t.match((await ask('GET', courseOf(whole), { token })).body, { state: 'done', given: 3 * 64 * 1024 })
  },
)

t.test('it breaks off with its session, with the lock, and with the daemon', async (t) => {
  for (const how of ['revoked', 'locked', 'closing'] as const) {
    const running = await runApi(t)
    const { owner, signIn, shell, api } = running
    const path = await pathFor(running)
    const { token, sessionId } = await signIn()
    const { token: other } = await signIn()
    owner.exports.length = 100_000
    const response = await begun(running, await linkOf(running, path, token))
    const unused = await linkOf(running, path, token)
    const others = await linkOf(running, path, other)
    if (how === 'revoked') t.equal((await shell('DELETE', `/sessions/${sessionId}`)).status, 204)
    if (how === 'locked') api.locked()
    if (how === 'closing') api.setStatus('closing')
    await until(() => owner.exports.ended === 1)
    response.on('error', () => undefined)
    response.resume()
    if (!response.closed) await new Promise<void>((resolve) => void response.once('close', () => resolve()))
    t.notOk(response.complete, `${how}: its end is missing`)
    const statusOf = async (link: string): Promise<number> => (await running.ask('GET', link)).status
    if (how === 'revoked') {
      t.equal(await statusOf(unused), 401)
      owner.exports.length = 1
      t.equal(await statusOf(others), 200, 'others go on')
    } else t.equal(await statusOf(unused), 503)
  }
})

t.test('HEAD begins nothing', async (t) => {
  const running = await runApi(t)
  const path = await pathFor(running)
  const { token } = await running.signIn()
  for (let each = 0; each <= limits.exportsAtOnce; each += 1) {
    t.equal((await running.shell('HEAD', path + query)).status, 400)
    t.equal((await running.ask('HEAD', await linkOf(running, path, token))).status, 400)
  }
  t.equal((await running.shell('GET', path + query)).status, 200)
})

t.test('more than a few at once are told to wait', async (t) => {
  const running = await runApi(t)
  const path = await pathFor(running)
  running.owner.exports.length = 100_000
  const { token } = await running.signIn()
  const early = await linkOf(running, path, token)
  const open: IncomingMessage[] = []
  for (let each = 0; each < limits.exportsAtOnce; each += 1)
    open.push(await begun(running, await linkOf(running, path, token)))
  const refused = await running.shell('GET', path + query)
  t.equal(refused.status, 429)
  t.match(refused.headers, { 'retry-after': '10' })
  const asked = await running.ask('POST', path, { token, body: wish })
  t.equal(asked.status, 429, 'a page hears it where it can say so')
  t.match(asked.headers, { 'retry-after': '10' })
  t.equal((await running.ask('GET', early)).status, 429)
  for (const each of open) each.destroy()
  await until(() => running.owner.exports.ended === open.length)
  running.owner.exports.length = 1
  t.equal((await running.ask('GET', early)).status, 200, 'a link that was refused was not used up')
  t.equal((await running.ask('GET', early)).status, 401)
  t.equal((await running.shell('GET', path + query)).status, 200)
})
