import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { dayMs, pnLimits } from '../../pnserver/limits.ts'
import { encodeSubscription, rowIdOf, tokenHashOf } from '../../protocol/wake.ts'
import { ask, startRig } from './support/rig.ts'
import { base64, bytesOf, fromNowhere, sendWake, Sleeper, wakeBody } from './support/sleeper.ts'

t.setTimeout(300_000)
const codeOf = (json: Record<string, unknown>): unknown =>
  (json['error'] as Record<string, unknown> | undefined)?.['code']

t.test('a device registers, leaves a row, and is woken by its contact', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  const attestation = await phone.register()
  const keys = phone.keysFor(1)
  t.strictSame((await phone.put(attestation, [phone.row(keys, attestation)])).json, { results: ['stored'] })

  const note = new Uint8Array(randomBytes(160))
  const answer = await sendWake(rig, wakeBody(keys.capability, rig, { class: 'call', note }))
  t.match(answer, { status: 202, text: '' })
  await rig.server.settled()
  t.strictSame(rig.apple.wakes, [{ ...phone.target, class: 'call', note }])
  t.strictSame(rig.logged, [])
})

t.test('a browser’s subscription works alike', async (t) => {
  const rig = await startRig(t)
  const endpoint = `https://push.example/${'a'.repeat(500)}`
  const token = encodeSubscription({ endpoint, publicKey: new Uint8Array(65).fill(4), secret: new Uint8Array(16) })
  const browser = new Sleeper(rig, { platform: 'webpush', topic: '', token })
  await browser.settle(1)
  await sendWake(rig, wakeBody(browser.keysFor(1).capability, rig))
  await rig.server.settled()
  t.match(rig.browsers.wakes, [{ token }])
  t.equal(rig.apple.sent.length, 0)
  const wrong = new Sleeper(rig, { platform: 'webpush', topic: '', token: new Uint8Array(40) })
  t.match(await rig.post('/v1/tokens', wrong.claim(), fromNowhere()), { status: 400 })
})

t.test('GET /v1/info says what is served, how often, and for how long', async (t) => {
  const { server } = await startRig(t)
  const { status, json } = await ask(`${server.origin}/v1/info`)
  t.equal(status, 200)
  t.match(json, {
    origin: server.origin,
    platforms: { apns: { topics: ['org.example.warren'] }, webpush: { publicKey: 'BA' } },
    limits: {
      wake: { anHour: 6, atOnce: 3, aDay: 20 },
      windows: {
        address: [{ seconds: 60, most: 60 }],
        token: [
          { seconds: 3600, most: 30 },
          { seconds: 86_400, most: 200 },
        ],
      },
      clockSeconds: 300,
      rowsACall: 64,
      rowsAnAttestation: 2048,
    },
    retention: { rowDays: 180, attestationDays: 90 },
  })
})

t.test('only what a device signed for this server counts, and the code alone proves the token', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  const post = async (path: string, body: unknown) => await rig.post(path, body, fromNowhere())
  const refused = [
    [phone.claim({ token: base64(randomBytes(32)) }), 'BAD_SIGNATURE'],
    [phone.claim({ topic: 'org.example.other' }, { topic: 'org.example.other' }), 'NOT_ALLOWED'],
    [phone.claim({}, { origin: 'https://other.example' }), 'BAD_SIGNATURE'],
    [phone.claim({ platform: 'fcm' }), 'BAD_SHAPE'],
    [phone.claim({ token: 'no base64url!' }), 'BAD_SHAPE'],
    [phone.claim({ devicePk: base64(new Uint8Array(32)) }), 'BAD_SHAPE'],
    [[], 'BAD_SHAPE'],
  ] as const
  for (const [body, code] of refused) t.equal(codeOf((await post('/v1/tokens', body)).json), code)
  t.equal(rig.apple.sent.length, 0, 'nothing was pushed')

  const coming = rig.apple.next()
  const { status, json } = await post('/v1/tokens', phone.claim())
  t.equal(status, 202)
  const { note: code, class: kind } = await coming
  t.equal(kind, 'verify')
  const guess = await post('/v1/tokens/verify', phone.codeClaim(json['pendingId'], randomBytes(16)))
  t.equal(codeOf(guess.json), 'BAD_CODE', 'whoever does not own the token does not know the code')
  const thief = new Sleeper(rig)
  t.equal(codeOf((await post('/v1/tokens/verify', thief.codeClaim(json['pendingId'], code))).json), 'BAD_SIGNATURE')
  const forged = bytesOf(json['pendingId'])
  forged[60] = (forged[60] ?? 0) ^ 1
  t.equal(codeOf((await post('/v1/tokens/verify', phone.codeClaim(base64(forged), code))).json), 'BAD_CODE')
  t.equal(codeOf((await post('/v1/tokens/verify', phone.codeClaim('', code))).json), 'BAD_CODE')
  const good = await post('/v1/tokens/verify', phone.codeClaim(json['pendingId'], code))
  t.equal(good.status, 200)
  const again = await post('/v1/tokens/verify', phone.codeClaim(json['pendingId'], code))
  t.strictSame(again.json, good.json, 'an answer that was lost can be asked for again, and is no second one')
  rig.clock.aheadMs = pnLimits.codeMs + 60_000
  t.equal(codeOf((await post('/v1/tokens/verify', phone.codeClaim(json['pendingId'], code))).json), 'BAD_CODE')
})

t.test('rows need the attestation of their token, and are put 64 at a time and 2,048 in all', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  const attestation = await phone.register()
  const row = () => phone.row({ ...phone.keysFor(1), capability: new Uint8Array(randomBytes(32)) }, attestation)
  const foreign = base64(randomBytes(32))
  const wrong = attestation.slice()
  wrong[52] = (wrong[52] ?? 0) ^ 1
  t.equal(codeOf((await phone.put(attestation, [row()], { tokenHash: foreign })).json), 'NOT_ALLOWED')
  for (const other of [{ env: 'sandbox' }, { topic: 'org.example.other' }, { platform: 'webpush' }])
    t.equal(codeOf((await phone.put(attestation, [row()], other)).json), 'NOT_ALLOWED')
  t.equal(codeOf((await phone.put(wrong, [row()])).json), 'NOT_ALLOWED')
  t.equal(codeOf((await phone.put(attestation, Array.from({ length: 65 }, row))).json), 'TOO_LARGE')
  t.equal(codeOf((await phone.put(attestation, [{ ...row(), ct: base64(randomBytes(1023)) }])).json), 'BAD_SHAPE')
  const first = Array.from({ length: 64 }, row)
  const results = async (rows: readonly unknown[]) => (await phone.put(attestation, rows)).json['results']
  t.strictSame(
    await results(first),
    first.map(() => 'stored'),
  )
  t.strictSame(
    await results(first),
    first.map(() => 'stored'),
    'what is there already costs nothing',
  )
  for (let call = 1; call < 32; call += 1) await results(Array.from({ length: 64 }, row))
  t.strictSame(await results([row(), first[0], row()]), ['full', 'stored', 'full'])
  rig.clock.aheadMs = pnLimits.attestationDays * dayMs
  t.equal(codeOf((await phone.put(attestation, [first[0]])).json), 'NOT_ALLOWED', 'it ran out')
})

const results = async (who: Sleeper, word: Uint8Array, row: unknown): Promise<unknown> =>
  (await who.put(word, [row])).json['results']

t.test('replacing and revoking a row need the preimage of its revoke hash', async (t) => {
  const rig = await startRig(t)
  const [phone, thief] = [new Sleeper(rig), new Sleeper(rig)]
  const [attestation, theirs] = [await phone.settle(1, 2), await thief.register()]
  const [keys, others] = [phone.keysFor(1), phone.keysFor(2)]
  const stolen = { capability: keys.capability, revokeSecret: randomBytes(32), noteKey: keys.noteKey }
  t.strictSame(await results(thief, theirs, thief.row(stolen, theirs)), ['refused'])
  const guess = base64(stolen.revokeSecret)
  t.strictSame(await results(thief, theirs, thief.row(stolen, theirs, { revokeSecret: guess })), ['refused'])
  t.match(await thief.revoke(stolen), { status: 204, text: '' })
  const woken = async (capability: Uint8Array): Promise<number> => {
    const before = rig.apple.wakes.length
    await sendWake(rig, wakeBody(capability, rig))
    await rig.server.settled()
    return rig.apple.wakes.length - before
  }
  t.equal(await woken(keys.capability), 1, 'nothing of that did anything')
  const proof = base64(keys.revokeSecret)
  t.strictSame(await results(phone, attestation, phone.row(keys, attestation, { revokeSecret: proof })), ['stored'])
  t.match(await phone.revoke(keys), { status: 204, text: '' })
  t.equal(await woken(keys.capability), 0)
  t.equal(await woken(others.capability), 1, 'no other contact is touched')
  t.strictSame(await results(thief, theirs, thief.row(stolen, theirs)), ['refused'], 'as if it were still there')
  t.match(await rig.post('/v1/rows/revoke', { id: 1 }, fromNowhere()), { status: 204, text: '' })
  t.match(await rig.post('/v1/rows/revoke', randomBytes(9999), fromNowhere()), { status: 204, text: '' })
  t.strictSame(rig.logged, [])
  rig.store.rows.revoke = async () => await Promise.reject(new Error('the disk is gone'))
  t.match(await phone.revoke(others), { status: 204, text: '' })
  t.match(rig.logged, [/failed on a revocation/], 'the operator alone is told')
})

t.test('a token that is gone takes its row along, unless it was registered again since', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  await phone.settle(1, 2)
  const wake = async (contact: number): Promise<void> => {
    await sendWake(rig, wakeBody(phone.keysFor(contact).capability, rig))
    await rig.server.settled()
  }
  const sealed = async (contact: number): Promise<number | undefined> =>
    (await rig.store.rows.get(rowIdOf(phone.keysFor(contact).capability), 0))?.sealed.length
  rig.apple.answer = () => ({ is: 'gone', sinceMs: rig.now() - dayMs })
  await wake(1)
  t.equal(await sealed(1), 1024, 'the push service spoke of a time before it was registered')
  rig.apple.answer = () => ({ is: 'gone', sinceMs: rig.now() + 60_000 })
  await wake(1)
  t.equal(await sealed(1), 0)
  t.equal(await sealed(2), 1024, 'of this one nothing was said')
  rig.apple.answer = () => ({ is: 'gone', sinceMs: undefined })
  await wake(2)
  t.equal(await sealed(2), 0)
})

t.test('errors of keys and of the push service take no row along; what comes later is tried once more', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  await phone.settle(1)
  const { capability } = phone.keysFor(1)
  const outcomes = [
    { is: 'rejectedConfig', reason: 'Forbidden' },
    { is: 'wrongEnvironment' },
    { is: 'later', retryAfterMs: 1 },
  ] as const
  for (const [at, outcome] of outcomes.entries()) {
    rig.clock.aheadMs = at * dayMs
    rig.apple.answer = () => outcome
    await sendWake(rig, wakeBody(capability, rig))
    await rig.server.settled()
  }
  const before = rig.apple.wakes.length
  if (before === 3) await rig.apple.next()
  t.equal(rig.apple.wakes.length, 4)
  t.equal((await rig.store.rows.get(rowIdOf(capability), 0))?.sealed.length, 1024)
  t.match(rig.logged.join(''), /refuses the keys or topics/)
  t.equal(rig.server.metrics.valueOf('pushes_rejected'), 1)
})

t.test('bodies and headers are bounded, and what is not there is not found', async (t) => {
  const { server, post } = await startRig(t)
  t.match(await post('/v1/tokens', 'x'.repeat(pnLimits.jsonBytes), fromNowhere()), { status: 413 })
  t.match(await post('/v1/rows', randomBytes(pnLimits.rowsBytes + 1), { ...fromNowhere(), method: 'PUT' }), {
    status: 413,
  })
  t.match(await ask(`${server.origin}/v1/info`, { headers: { 'x-much': 'x'.repeat(pnLimits.headerBytes) } }), {
    status: 431,
  })
  t.match(await ask(`${server.origin}/v1/wake`, fromNowhere()), { status: 404 })
  t.match(await ask(`${server.origin}/metrics`, fromNowhere()), { status: 404 })
})

t.test('an address asks 60 times a minute; /healthz is always answered, and so are wakes', async (t) => {
  const { server, clock, post } = await startRig(t)
  const from = { headers: { 'x-forwarded-for': '203.0.113.7' } }
  const statuses = async (count: number, path: string, asking = from): Promise<number[]> => {
    const all = await Promise.all(Array.from({ length: count }, () => ask(`${server.origin}${path}`, asking)))
    return all.map(({ status }) => status)
  }
  const first = await statuses(70, '/v1/info')
  t.equal(first.filter((each) => each === 200).length, 60)
  t.equal(first.filter((each) => each === 429).length, 10)
  const refused = await ask(`${server.origin}/v1/info`, from)
  t.ok(Number(refused.headers['retry-after']) > 0)
  t.strictSame(await statuses(1, '/healthz'), [200])
  t.strictSame(await statuses(1, '/v1/info', { headers: { 'x-forwarded-for': '203.0.113.8' } }), [200])
  clock.aheadMs = 61_000
  t.strictSame(await statuses(1, '/v1/info'), [200])
  for (let each = 0; each < 62; each += 1) t.match(await post('/v1/wake', new Uint8Array(256), from), { status: 202 })
  await server.settled()
  t.equal(server.metrics.valueOf('wakes_address_limited'), 3, 'but those beyond it are not looked at')
  t.equal(server.metrics.valueOf('wakes_malformed'), 59)
})

t.test('metrics are on a port of loopback alone, and count without naming', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  await phone.settle(1)
  await sendWake(rig, wakeBody(phone.keysFor(1).capability, rig))
  await rig.server.settled()
  await rig.server.sweep()
  const { status, text } = await ask(`http://127.0.0.1:${rig.server.metricsPort}/metrics`)
  t.equal(status, 200)
  t.match(text, /^warren_pn_wakes_total 1$/m)
  t.match(text, /^warren_pn_rows 1$/m)
  t.match(await ask(`http://127.0.0.1:${rig.server.metricsPort}/healthz`), { status: 200 })
  t.match(await ask(`http://127.0.0.1:${rig.server.metricsPort}/v1/info`), { status: 404 })
  // Another address of this machine, where it listens if it listens everywhere.
  await t.rejects(ask(`http://127.0.0.2:${rig.server.metricsPort}/metrics`))
})

t.test('who asks for another protocol is answered in this one', async (t) => {
  const { server } = await startRig(t)
  for (const protocol of ['h2c', 'websocket']) {
    const socket = connect(server.port, '127.0.0.1')
    socket.setEncoding('utf8')
    socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`)
    const [head] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown]
    t.match(String(head), /^HTTP\/1\.1 200 OK\r\n/, protocol)
    socket.destroy()
  }
})

t.test('a secret is changed without a loss: the first one makes, the others are still believed', async (t) => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const before = await startRig(t, { secrets: [old] })
  const phone = new Sleeper(before)
  const attestation = await phone.register()
  const put = async (secrets: Uint8Array[]): Promise<unknown> => {
    const { server } = await startRig(t, { secrets })
    const row = phone.row(phone.keysFor(1), attestation)
    const { platform, environment: env, topic, token } = phone.target
    const place = { platform, env, topic, tokenHash: base64(tokenHashOf(token)) }
    const body = { attestation: base64(attestation), ...place, rows: [row] }
    const { json } = await ask(`${server.origin}/v1/rows`, { method: 'PUT', body, ...fromNowhere() })
    return json['results'] ?? codeOf(json)
  }
  t.strictSame(await put([fresh, old]), ['stored'])
  t.strictSame(await put([fresh]), 'NOT_ALLOWED')
})
