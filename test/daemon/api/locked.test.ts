import t, { type Test } from 'tap'
import * as schema from '../../../daemon/api/schemas/keys.ts'
import { openEvents, runApi, type Answer, type RunningApi } from '../../support/running-api.ts'

type Ways = RunningApi['ask']

/** What is answered while the daemon is locked: everything else is LOCKED, whatever is added later. */
const answered: Readonly<Record<string, object>> = {
  'get /health': {},
  'post /session/pair': {},
  'post /session/hello': {},
  'post /session/prove': {},
  'post /session/code': {},
  'get /status': {},
  'post /stop': {},
  'post /lock': {},
  'post /unlock': {},
}

interface Route {
  readonly method: string
  readonly path: string
}

async function everyRoute({ shell }: RunningApi): Promise<Route[]> {
  const document = (await shell('GET', '/openapi.json')).body as { paths: Record<string, Record<string, object>> }
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method, path: path.replace('/api/v1', '') })),
  )
  return [...described, { method: 'get', path: '/openapi.json' }, { method: 'get', path: '/no/such/route' }]
}

const asks = async (way: Ways, { method, path }: Route, token?: string): Promise<Answer> =>
  await way(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'), {
    ...(method === 'get' || method === 'delete' ? {} : { body: {} }),
    ...(path === '/blobs' ? { headers: { 'content-type': 'application/octet-stream' } } : {}),
    ...(token === undefined ? {} : { token }),
  })

const isLocked = (t: Test, answer: Answer, name: string): void => {
  t.equal(answer.status, 503, name)
  t.match(answer.body, { error: { code: 'LOCKED' } }, name)
}

t.test('while it is locked every route but those of unlocking is answered LOCKED, on every way in', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const routes = await everyRoute(running)
  t.ok(routes.length > 30, 'the routes were found')
  for (const name of Object.keys(answered)) {
    t.ok(
      routes.some(({ method, path }) => `${method} ${path}` === name),
      `${name} is there`,
    )
  }
  running.api.locked()
  for (const route of routes) {
    const name = `${route.method} ${route.path}`
    if (answered[name] !== undefined) continue
    isLocked(t, await asks(running.shell, route), `${name} on the socket`)
    isLocked(t, await asks(running.ask, route, token), `${name} with a session`)
    isLocked(t, await asks(running.ask, route), `${name} from a stranger`)
  }
  t.match((await running.ask('GET', '/health')).body, { status: 'locked' })
  t.match((await running.ask('GET', '/status', { token })).body, { locked: true, links: [], running: true })
  t.equal((await running.shell('POST', '/session/code', { body: { printed: false } })).status, 201)
  t.match(await running.signIn(), { token: /^[\w-]{43}$/ }, 'a browser can be opened and prove itself')
})

t.test('on TCP the passphrase alone opens nothing, nor does the session', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  running.api.locked()
  const body = { passphrase: running.keys.passphrase }
  t.match((await running.ask('POST', '/unlock', { body })).body, { error: { code: 'NO_SESSION' } })
  t.match((await running.ask('POST', '/lock', { body: {} })).body, { error: { code: 'NO_SESSION' } })
  t.match((await running.ask('GET', '/status')).body, { error: { code: 'NO_SESSION' } })
  const wrong = await running.ask('POST', '/unlock', { token, body: { passphrase: 'something else here' } })
  t.equal(wrong.status, 403)
  t.match(wrong.body, { error: { code: 'WRONG_PASSPHRASE' } })
  t.equal((await running.ask('POST', '/unlock', { token, body })).status, 204)
  t.equal((await running.ask('GET', '/me', { token })).status, 200, 'the session is good as before')
})

t.test('a lock sends every page away, and nothing from before can be resumed', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const page = await openEvents(t, running, { token })
  const { id } = await page.until('snapshot')
  await running.owner.patchMe({ name: 'Alice' })
  const last = await page.until('me')
  running.api.locked()
  t.match(await page.until('closing'), { reason: 'locked' })
  t.equal(await page.closed, 4423)
  await running.owner.patchMe({ name: 'said by a room that ends late' })
  running.api.unlocked(running.owner)
  for (const after of [id, last.id]) {
    const again = await openEvents(t, running, { token, after })
    t.match(await again.next(), { type: 'snapshot' }, 'no event from before the lock is told')
  }
  const live = await openEvents(t, running, { token })
  await live.until('snapshot')
  await running.owner.patchMe({ name: 'Alice again' })
  t.match(await live.next(), { type: 'me', me: { name: 'Alice again' } })
})

t.test('a WebSocket gets nowhere while it is locked', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  running.api.locked()
  await t.rejects(openEvents(t, running, { token }), /503/)
})

t.test('who was away for too long finds it locked, whatever they ask first', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  for (const way of [running.shell, running.ask]) {
    running.keys.isIdle = true
    const { touches } = running.keys
    isLocked(t, await way('POST', '/conversations', { token, body: { kind: 'self' } }), 'the first request')
    t.equal(running.keys.touches, touches, 'and it does not count as being there')
    running.api.unlocked(running.owner)
  }
  running.keys.isIdle = true
  t.match((await running.ask('GET', '/health')).body, { status: 'locked' }, 'health sees it, too')
})

t.test('only what the owner does keeps the lock up, not what a page asks by itself', async (t) => {
  const running = await runApi(t)
  const { token } = await running.signIn()
  const { id } = await running.owner.openConversation('self', [])
  const page = await openEvents(t, running, { token })
  await page.until('snapshot')
  const counts = async (act: () => Promise<unknown>): Promise<number> => {
    const before = running.keys.touches
    await act()
    return running.keys.touches - before
  }
  const ask = running.ask
  t.equal(await counts(async () => await ask('GET', '/health')), 0)
  t.equal(await counts(async () => await ask('GET', '/me', { token })), 0)
  t.equal(await counts(async () => await ask('POST', `/conversations/${id}/read`, { token, body: { upTo: 'x' } })), 0)
  t.equal(await counts(async () => await ask('POST', '/conversations', { body: { kind: 'self' } })), 0, 'a stranger')
  t.equal(await counts(async () => await ask('PATCH', '/me', { token, body: { name: 'A' } })), 1)
  t.equal(await counts(async () => await running.shell('GET', '/me')), 1)
  t.equal(await counts(async () => await running.shell('GET', '/health')), 0)
  for (const frame of [{ type: 'active' }, { type: 'typing', conversation: id }]) {
    const told = await counts(async () => {
      page.send(frame)
      await running.owner.patchMe({ name: `behind ${frame.type}` })
      // Frames are read in order, and so are answers: a closing handshake comes after both.
      page.socket.ping()
      await new Promise((resolve) => {
        page.socket.once('pong', resolve)
      })
    })
    t.equal(told, 1, frame.type)
  }
})

t.test('the lock and its slots: settings, shapes, and proof of the owner on TCP', async (t) => {
  const running = await runApi(t)
  const { ask, shell, keys } = running
  const { token } = await running.signIn()
  const settings = await ask('GET', '/lock', { token })
  t.strictSame(schema.LockSettings.parse(settings.body), settings.body)
  for (const idleMinutes of [0, 5, 15, 60]) {
    t.match((await ask('PATCH', '/lock', { token, body: { idleMinutes } })).body, { idleMinutes })
  }
  const { items } = (await ask('GET', '/key-slots', { token })).body as { items: unknown[] }
  t.strictSame(
    items.map((item) => schema.KeySlotInfo.parse(item)),
    keys.slots(),
  )
  const strength = await ask('POST', '/key-slots/strength', { token, body: { passphrase: 'x' } })
  t.strictSame(schema.PassphraseStrength.parse(strength.body), strength.body)
  const passphrase = 'a new one for tests'
  const current = { passphrase: keys.passphrase }
  const slot = { kind: 'passphrase', passphrase, removeFile: true }
  t.equal((await ask('POST', '/key-slots', { token, body: slot })).status, 403, 'an open page is no proof')
  t.equal((await ask('POST', '/key-slots', { token, body: { ...slot, current } })).status, 201)
  const made = await ask('POST', '/key-slots', { token, body: { kind: 'recovery', current } })
  t.strictSame(schema.NewKeySlotAnswer.parse(made.body), made.body)
  t.equal((await shell('POST', '/key-slots/remove', { body: { kind: 'file' } })).status, 204)
  t.strictSame(keys.asked, ['add passphrase', 'add recovery', 'remove file'])
})

t.test('wrong shapes change nothing', async (t) => {
  const { shell, keys } = await runApi(t)
  const passphrase = 'long enough to count'
  const wrong: [path: string, bodies: unknown[]][] = [
    ['/unlock', [{}, { passphrase, recoveryKey: 'x' }, { passphrase: 7 }, { passphrase: '' }, { pass: passphrase }]],
    ['/lock', [{ now: true }]],
    ['/key-slots', [{}, { kind: 'passphrase' }, { kind: 'file', passphrase }, { kind: 'key', passphrase }]],
    [
      '/key-slots',
      [
        { kind: 'recovery', removeFile: true },
        { kind: 'file', current: {} },
      ],
    ],
    ['/key-slots/remove', [{}, { kind: 'none' }, { kind: 'file', current: { passphrase: '' } }]],
    ['/key-slots/strength', [{}, { passphrase: '\ud800' }]],
  ]
  for (const [path, bodies] of wrong) {
    for (const body of bodies) t.equal((await shell('POST', path, { body: JSON.stringify(body) })).status, 400, path)
  }
  for (const idleMinutes of [1, -5, 4.5, '5', 61]) {
    t.equal((await shell('PATCH', '/lock', { body: { idleMinutes } })).status, 400)
  }
  t.equal((await shell('POST', '/unlock', { body: { passphrase: 'é'.repeat(513) } })).status, 413)
  t.strictSame([keys.asked, keys.idleMinutes], [[], 0])
})
