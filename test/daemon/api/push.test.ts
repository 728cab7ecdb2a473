/** Notifications while no page is open: who may have them, and that they end with the browser's session. */

import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import type { PushSettings } from '../../../protocol/http-push.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'
import { openEvents, runApi, type Answer } from '../../support/running-api.ts'

const wish = {
  endpoint: 'https://push.example/1',
  p256dh: Buffer.alloc(65, 4).toString('base64url'),
  auth: Buffer.alloc(16).toString('base64url'),
  language: 'en',
}
const settingsOf = ({ body }: Answer): PushSettings => body as PushSettings

t.test('a browser subscribes itself, sees what others have, and ends any of it', async (t) => {
  const { ask, shell, signIn } = await runApi(t)
  const [one, two] = [await signIn(), await signIn()]
  const made = await ask('POST', '/push-subscriptions', { token: one.token, body: wish })
  t.equal(made.status, 201, made.text)
  t.match(settingsOf(made), {
    previews: true,
    subscriptions: [{ id: one.sessionId, service: 'push.example', current: true }],
  })
  await ask('POST', '/push-subscriptions', { token: one.token, body: wish })
  const seen = settingsOf(await ask('GET', '/push-subscriptions', { token: two.token }))
  t.match(seen.subscriptions, [{ id: one.sessionId, current: false }])
  t.equal(seen.subscriptions.length, 1)
  const fromShell = await shell('POST', '/push-subscriptions', { body: wish })
  t.match([fromShell.status, fromShell.body], [403, { error: { code: 'NOT_ALLOWED' } }], 'a shell is no browser')
  const patched = await ask('PATCH', '/push-subscriptions', { token: two.token, body: { previews: false } })
  t.equal(settingsOf(patched).previews, false)
  t.equal((await ask('DELETE', `/push-subscriptions/${one.sessionId}`, { token: two.token })).status, 204)
  t.equal((await ask('DELETE', `/push-subscriptions/${one.sessionId}`, { token: two.token })).status, 404)
})

t.test('they end with their session', async (t) => {
  const { ask, owner, signIn } = await runApi(t)
  const [one, two] = [await signIn(), await signIn()]
  await ask('POST', '/push-subscriptions', { token: one.token, body: wish })
  await ask('POST', '/push-subscriptions', { token: two.token, body: wish })
  t.equal((await ask('DELETE', `/sessions/${one.sessionId}`, { token: two.token })).status, 204)
  t.match(owner.push.settings(undefined).subscriptions, [{ id: two.sessionId }])
  t.equal(owner.push.settings(undefined).subscriptions.length, 1)
})

t.test('a session that ends while a body is still coming does nothing any more', async (t) => {
  const running = await runApi(t)
  const { ask, listeners, owner, signIn } = running
  const [one, two] = [await signIn(), await signIn()]
  const body = JSON.stringify(wish)
  const socket = connect(listeners.port, '127.0.0.1')
  const host = `127.0.0.1:${listeners.port}`
  const head = [
    'POST /api/v1/push-subscriptions HTTP/1.1',
    `host: ${host}`,
    `authorization: Bearer ${one.token}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'expect: 100-continue',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  const [go] = (await once(socket, 'data')) as [Buffer]
  t.match(go.toString(), /^HTTP\/1\.1 100 /, 'its head was taken')
  t.equal((await ask('DELETE', `/sessions/${one.sessionId}`, { token: two.token })).status, 204)
  socket.write(body)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  t.match(answer.toString(), /^HTTP\/1\.1 401 /)
  socket.destroy()
  t.strictSame(owner.push.settings(undefined).subscriptions, [])
})

t.test('also those that ended while the rooms were closed', async (t) => {
  const { api, ask, owner, sessions, signIn } = await runApi(t)
  const { token, sessionId } = await signIn()
  await ask('POST', '/push-subscriptions', { token, body: wish })
  api.locked()
  t.equal((await ask('POST', '/session/hello', { body: { sessionId, nonce: 'A'.repeat(22) } })).status, 200)
  await owner.push.subscribe({ id: 'gone', label: 'Old' }, { ...wish, language: 'en' })
  api.unlocked(owner)
  t.strictSame(
    owner.push.settings(undefined).subscriptions.map(({ id }) => id),
    [sessionId],
  )
  t.equal((await sessions.all()).length, 1)
})

t.test('what is no subscription is refused', async (t) => {
  const { ask, signIn } = await runApi(t)
  const { token } = await signIn()
  const post = async (change: object): Promise<unknown> => {
    const { status, body } = await ask('POST', '/push-subscriptions', { token, body: { ...wish, ...change } })
    return [status, (body as { error?: { code: string } }).error?.code]
  }
  t.strictSame(await post({ endpoint: 'https://169.254.169.254/latest' }), [403, 'NOT_ALLOWED'])
  for (const bad of [
    { endpoint: 'http://push.example/1' },
    { endpoint: 'nothing' },
    { p256dh: 'AAAA' },
    { auth: '' },
    { language: 'fr' },
    { more: 1 },
  ]) {
    t.strictSame(await post(bad), [400, 'BAD_SHAPE'], JSON.stringify(bad))
  }
  const long = (bytes: number) => async (): Promise<boolean> => {
    const [status] = (await post({ endpoint: 'https://push.example/'.padEnd(bytes, 'x') })) as [number]
    return status === 201
  }
  const { pushEndpointBytes } = limits
  await boundary(t, 'pushEndpointBytes', long(pushEndpointBytes), long(limits.pushEndpointBytes + 1), 'no')
})

t.test('a page says what it shows, as long as its socket lives', async (t) => {
  const running = await runApi(t)
  const { api, signIn } = running
  const { token } = await signIn()
  const page = await openEvents(t, running, { token })
  await page.until('snapshot')
  page.send({ type: 'looking', conversation: 'abc' })
  await until(() => api.isLookedAt('abc'))
  t.notOk(api.isLookedAt('def'))
  page.send({ type: 'looking' })
  await until(() => !api.isLookedAt('abc'))
  page.send({ type: 'looking', conversation: 'abc' })
  await until(() => api.isLookedAt('abc'))
  page.socket.close()
  await until(() => !api.isLookedAt('abc'))
})

async function until(done: () => boolean): Promise<void> {
  while (!done()) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}
