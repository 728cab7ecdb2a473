import t from 'tap'
import type { Conversation, Message, MessagePage } from '../../../protocol/http-conversations.ts'
import type { Attachment } from '../../../protocol/http-files.ts'
import type { Page } from '../../../protocol/http.ts'
import { blobIdOf, readBlobId, readConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { dangerous, pngOf, pngHead } from '../../support/sample-files.ts'
import { openEvents, runApi, type Answer, type RunningApi } from '../../support/running-api.ts'

const bytesType = { 'content-type': 'application/octet-stream' }

const notesOf = async ({ shell }: RunningApi): Promise<string> =>
  ((await shell('GET', '/conversations')).body as Page<Conversation>).items[0]?.id ?? ''

async function add(
  { ask }: RunningApi,
  conversation: string,
  token: string,
  bytes: Uint8Array,
  name = 'a.png',
): Promise<Answer> {
  const query = new URLSearchParams({ conversation, name, type: 'image/png' })
  return await ask('POST', `/blobs?${query.toString()}`, { token, body: bytes, headers: bytesType })
}

const pathOf = (url: string | undefined): string => (url ?? '').replace('/api/v1', '')

/** Somebody signed in, and their notes. */
async function begun(t: Parameters<typeof runApi>[0]) {
  const running = await runApi(t)
  const { token, sessionId } = await running.signIn()
  return { running, token, sessionId, notes: await notesOf(running), ...running }
}

t.test('a file goes in as bytes, out with a message, and comes back as it was', async (t) => {
  const { running, token, notes, ask, shell } = await begun(t)
  const picture = pngOf(30, 20)
  const answer = await add(running, notes, token, picture, '../holiday.png')
  t.equal(answer.status, 201)
  const added = answer.body as Attachment
  t.match(added, { name: 'holiday.png', size: picture.length, state: 'whole', shows: 'picture', width: 30, height: 20 })
  const path = `/conversations/${encodeURIComponent(notes)}/messages`
  const posted = await ask('POST', path, { token, body: { text: '', attachments: [added.id], clientId: 'c1' } })
  t.equal(posted.status, 201)
  const { items } = (await ask('GET', path, { token })).body as MessagePage
  const [shown] = items[0]?.attachments ?? []
  t.match(shown, { id: added.id, shows: 'picture' })
  const got = await ask('GET', pathOf(shown?.url))
  t.equal(got.status, 200)
  t.ok(got.bytes.equals(picture))
  t.match(got.headers, {
    'content-type': 'image/png',
    'content-disposition': `inline; filename="holiday.png"; filename*=UTF-8''holiday.png`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'accept-ranges': 'bytes',
  })
  const saved = await ask('GET', `${pathOf(shown?.url)}&download=1`)
  t.match(saved.headers, { 'content-type': 'application/octet-stream', 'content-disposition': /^attachment; / })
  const own = ((await shell('GET', path)).body as MessagePage).items[0]?.attachments?.[0]?.url
  t.notMatch(own, /ticket/, 'the unix socket need not prove anything')
  t.equal((await shell('GET', pathOf(own))).status, 200)
  t.equal((await ask('GET', pathOf(own), { token })).status, 200, 'nor does a token')
  t.match((await ask('GET', pathOf(own))).body, { error: { code: 'NO_SESSION' } })
})

t.test('what a browser would run is saved, whatever it is called', async (t) => {
  const { running, token, notes, ask } = await begun(t)
  for (const [kind, bytes] of Object.entries(dangerous)) {
    const added = (await add(running, notes, token, bytes, 'holiday.png')).body as Attachment
    t.equal(added.shows, undefined, kind)
    const got = await ask('GET', pathOf(added.url))
    t.match(got.headers, { 'content-type': 'application/octet-stream', 'content-disposition': /^attachment; / }, kind)
    t.ok(got.bytes.equals(bytes), kind)
  }
  const huge = (await add(running, notes, token, pngHead(20_000, 20_000))).body as Attachment
  t.equal(huge.shows, undefined, 'a picture of 400 million pixels')
})

t.test('the address of a file counts for its session, that file, ten minutes, and until the next lock', async (t) => {
  const { running, token, sessionId, notes, ask, clock, keys, api, owner } = await begun(t)
  const one = (await add(running, notes, token, pngOf(2, 2))).body as Attachment
  const other = (await add(running, notes, token, pngOf(3, 3))).body as Attachment
  const refused = async (path: string, what: string): Promise<void> => {
    const { status, body } = await ask('GET', path)
    t.equal(status, 403, what)
    t.match(body, { error: { code: 'NOT_ALLOWED', message: 'this address of a file does not count any more' } }, what)
  }
  const fresh = async (): Promise<string> =>
    pathOf(((await ask('GET', `/conversations/${notes}/attachments/${one.id}`, { token })).body as Attachment).url)
  const url = pathOf(one.url)
  const second = await running.signIn()
  t.equal((await ask('GET', url)).status, 200)
  t.equal((await ask('HEAD', url)).status, 200)
  t.equal((await ask('GET', url, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403)
  t.equal((await ask('GET', url, { headers: { origin: 'http://evil.example' } })).status, 403)
  t.equal((await ask('GET', url, { host: 'evil.example' })).status, 403)
  await refused(url.replace(one.id, other.id), 'of another file')
  await refused(url.replace(sessionId, second.sessionId), 'of another session')
  await refused(url.replace(one.id, blobIdOf(new Uint8Array(32))), 'of no file')
  await refused(url.replace(/conversation=[^&]+/, `conversation=${'a'.repeat(52)}`), 'of no conversation')
  await refused(url.replace(/ticket=(.)/, 'ticket=z$1'), 'that ends later')
  await refused(`${url.slice(0, -2)}AA`, 'with another proof')
  await refused(url.replace(/ticket=.*/, 'ticket='), 'empty')
  clock.now += limits.fileTicketMs - 1
  t.equal((await ask('GET', url)).status, 200, 'to the last moment')
  clock.now += 1
  await refused(url, 'too old')
  const kept = await fresh()
  t.equal((await ask('GET', kept)).status, 200)
  await keys.lock()
  t.equal((await ask('GET', kept)).status, 503, 'locked')
  api.unlocked(owner)
  await refused(kept, 'from before the lock')
  const last = await fresh()
  await ask('DELETE', `/sessions/${sessionId}`, { token: second.token })
  await refused(last, 'of a revoked session')
})

t.test('ranges: a part, from the end, and none', async (t) => {
  const { running, token, notes, ask } = await begun(t)
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251))
  const { url } = (await add(running, notes, token, bytes)).body as Attachment
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 1],
    ['bytes=65535-65537', 65_535, 65_538],
    ['bytes=199999-', 199_999, 200_000],
    ['bytes=-3', 199_997, 200_000],
    ['bytes=-999999', 0, 200_000],
    ['bytes=100000-999999999', 100_000, 200_000],
  ] as const) {
    const got = await ask('GET', pathOf(url), { headers: { range } })
    t.equal(got.status, 206, range)
    t.equal(got.headers['content-range'], `bytes ${from}-${to - 1}/200000`)
    t.equal(got.headers['content-length'], String(to - from))
    t.ok(got.bytes.equals(bytes.subarray(from, to)), range)
  }
  for (const range of ['bytes=200000-', 'bytes=200000-200001', 'bytes=-0'])
    t.match(await ask('GET', pathOf(url), { headers: { range } }), {
      status: 416,
      body: { error: { code: 'BAD_RANGE' } },
    })
  for (const range of [
    'bytes=5-2',
    'bytes=0-1,4-5',
    'bytes=a-b',
    'bytes=-',
    'lines=1-2',
    'bytes=1e3-',
    'bytes= 1-2',
    '-1',
  ])
    t.match((await ask('GET', pathOf(url), { headers: { range } })).headers, { 'content-length': '200000' }, range)
  const read = running.owner.room.readBytes
  t.match(await ask('HEAD', pathOf(url)), { status: 200, headers: { 'content-length': '200000' }, text: '' })
  t.equal(running.owner.room.readBytes, read, 'HEAD reads nothing')
})

t.test('only a session may add, only as bytes, and no more than a file may have', async (t) => {
  const { running, token, notes, ask, owner } = await begun(t)
  const path = `/blobs?conversation=${notes}`
  t.match((await ask('POST', path, { body: 'x', headers: bytesType })).body, { error: { code: 'NO_SESSION' } })
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])
    t.match((await ask('POST', path, { token, body: 'x', headers: { 'content-type': type } })).body, {
      error: { code: 'BAD_SHAPE' },
    })
  const elsewhere = await ask('POST', `/conversations/${notes}/typing`, { token, body: '{}', headers: bytesType })
  t.match(elsewhere.body, { error: { code: 'BAD_SHAPE' } }, 'no other route takes bytes')
  for (const bad of ['/blobs', `/blobs?conversation=x`, `${path}&path=/x`, `${path}&name=${'a'.repeat(256)}`])
    t.ok([400, 413].includes((await ask('POST', bad, { token, body: 'x', headers: bytesType })).status), bad)
  const nowhere = await ask('POST', `/blobs?conversation=${'a'.repeat(52)}`, { token, body: 'x', headers: bytesType })
  t.match(nowhere.body, { error: { code: 'NOT_FOUND' } })
  owner.room.mostBytes = 1000
  t.equal((await add(running, notes, token, Buffer.alloc(1000))).status, 201)
  t.match((await add(running, notes, token, Buffer.alloc(1001))).body, {
    error: { code: 'TOO_LARGE', details: { most: 1000 } },
  })
  const chunked = { ...bytesType, 'transfer-encoding': 'chunked' }
  const untold = await ask('POST', path, { token, body: Buffer.alloc(1001), headers: chunked })
  t.match(untold.body, { error: { code: 'TOO_LARGE' } }, 'one that does not say how long it is')
})

t.test('a message takes what was added to its conversation, and nothing else', async (t) => {
  const { running, token, notes, ask, owner } = await begun(t)
  owner.meet('bob', 'accepted')
  const all = ((await ask('GET', '/conversations', { token })).body as Page<Conversation>).items
  const other = all.find(({ id }) => id !== notes)?.id ?? ''
  const { id } = (await add(running, other, token, pngOf(1, 1))).body as Attachment
  const post = async (body: object): Promise<Answer> =>
    await ask('POST', `/conversations/${notes}/messages`, { token, body: { text: '', clientId: 'c', ...body } })
  t.match((await post({ attachments: [id] })).body, { error: { code: 'NOT_FOUND' } })
  t.match((await post({ attachments: ['x'] })).body, { error: { code: 'BAD_SHAPE' } })
  t.match((await post({ attachments: [] })).body, { error: { code: 'BAD_SHAPE' } })
  t.match((await post({})).body, { error: { code: 'BAD_SHAPE' } }, 'neither text nor files')
  t.match((await post({ attachments: Array(limits.attachments + 1).fill(id) })).status, 400)
})

t.test('what is not here says so, comes when it is asked for, and is told as it comes', async (t) => {
  const { running, token, notes, ask, owner } = await begun(t)
  const conversation = readConversationId(notes)
  const picture = pngOf(40, 10)
  const { id } = owner.room.missing(conversation, picture, 'far.png', 'image/png')
  const path = `/conversations/${notes}/attachments/${id}`
  const before = (await ask('GET', path, { token })).body as Attachment
  t.match(before, { state: 'missing', held: 0, size: picture.length, type: 'image/png' })
  t.equal(before.shows, undefined, 'nobody knows yet what it is')
  t.match((await ask('GET', pathOf(before.url))).body, { error: { code: 'CONFLICT' } })
  const events = await openEvents(t, running, { token })
  await events.until('snapshot')
  t.match((await ask('POST', `${path}/fetch`, { token, body: {} })).body, { state: 'coming' })
  t.match((await events.until('attachment')).attachment, { id, state: 'coming' })
  owner.room.arrive(conversation, readBlobId(id), picture.length)
  const { attachment } = await events.until('attachment')
  t.match(attachment, { id, state: 'whole', shows: 'picture', width: 40, height: 10 })
  t.equal((await ask('GET', pathOf(attachment.url))).status, 200, 'with an address that counts for whom it was told')
  t.match(
    (await ask('POST', `/conversations/${notes}/attachments/${'a'.repeat(52)}/fetch`, { token, body: {} })).body,
    {
      error: { code: 'NOT_FOUND' },
    },
  )
})

t.test('a message that is told brings addresses of its files', async (t) => {
  const { running, token, notes, ask } = await begun(t)
  const events = await openEvents(t, running, { token })
  await events.until('snapshot')
  const { id } = (await add(running, notes, token, pngOf(1, 1))).body as Attachment
  await ask('POST', `/conversations/${notes}/messages`, {
    token,
    body: { text: 'x', attachments: [id], clientId: 'c' },
  })
  const { message }: { message: Message } = await events.until('message')
  t.equal((await ask('GET', pathOf(message.attachments?.[0]?.url))).status, 200)
})
