import { readFileSync } from 'node:fs'
import type { z } from '@hono/zod-openapi'
import t, { type Test } from 'tap'
import * as conversations from '../../../daemon/api/schemas/conversations.ts'
import * as daemon from '../../../daemon/api/schemas/daemon.ts'
import * as people from '../../../daemon/api/schemas/people.ts'
import { pageOf } from '../../../daemon/api/schemas/text.ts'
import type { Conversation, Message, MessagePage } from '../../../protocol/http-conversations.ts'
import type { Page } from '../../../protocol/http.ts'
import type { Peer } from '../../../protocol/http-people.ts'
import { limits } from '../../../protocol/limits.ts'
import { upTo } from '../../limits/boundary.ts'
import { bodyOf } from '../../support/api-answer.ts'
import { deviceOf, personOf, unknownConversation } from '../../support/fake-owner.ts'
import { runApi, type Answer, type RunningApi } from '../../support/running-api.ts'

/** The status, and a body that says exactly what the schema says: nothing missing, nothing more. */
function answers(t: Test, answer: Answer, status: number, schema?: z.ZodType): void {
  t.equal(answer.status, status, answer.text)
  if (schema !== undefined) t.strictSame(schema.parse(answer.body), answer.body)
}

function fails(t: Test, answer: Answer, status: number, code: string): void {
  t.equal(answer.status, status, answer.text)
  t.match(answer.body, { error: { code, message: String } })
}

const opened = async (running: RunningApi): Promise<string> => {
  const { body } = await running.shell('POST', '/conversations', { body: { kind: 'self' } })
  return (body as Conversation).id
}

t.test('the owner: me, devices, status', async (t) => {
  const { shell, owner } = await runApi(t)
  answers(t, await shell('GET', '/me'), 200, people.Me)
  const patched = await shell('PATCH', '/me', { body: { name: '🏴󠁧󠁢󠁥󠁮󠁧󠁿 Ālice', welcomed: true } })
  answers(t, patched, 200, people.Me)
  t.equal(owner.me().name, '🏴󠁧󠁢󠁥󠁮󠁧󠁿 Ālice')
  answers(t, await shell('GET', '/status'), 200, daemon.Status)
  answers(t, await shell('GET', '/health'), 200, daemon.Health)
})

t.test(
  'whoever looks at something goes before what peers send, until it is answered; whoever changes something does not',
  async (t) => {
    const { shell, owner } = await runApi(t)
    await shell('PATCH', '/me', { body: { welcomed: true } })
    t.equal(owner.asking.most, 0)
    await shell('GET', '/me')
    t.match(owner.asking, { now: 0, most: 1 })
    fails(t, await shell('GET', `/conversations/${unknownConversation}`), 404, 'NOT_FOUND')
    t.equal(owner.asking.now, 0, 'also where there is nothing to see')
  },
)

t.test('PATCH /me refuses what a name, a colour or a switch is not', async (t) => {
  const { shell } = await runApi(t)
  const long = 'é'.repeat(limits.nameCodePoints)
  answers(t, await shell('PATCH', '/me', { body: { name: long } }), 200)
  answers(t, await shell('PATCH', '/me', { body: { name: '😀'.repeat(limits.nameCodePoints) } }), 200)
  fails(t, await shell('PATCH', '/me', { body: { name: `${long}e` } }), 413, 'TOO_LARGE')
  const wrong = [
    { name: 7 },
    { name: null },
    { color: 'red' },
    { visibleNearby: 'yes' },
    { welcomed: false },
    { nam: 'x' },
    [],
    'x',
    null,
    { name: '\ud800' },
  ]
  for (const body of wrong) {
    fails(t, await shell('PATCH', '/me', { body: JSON.stringify(body) }), 400, 'BAD_SHAPE')
  }
})

t.test('peers: listing in pages, looking at an address', async (t) => {
  const { shell, owner } = await runApi(t)
  for (const name of ['bob', 'carol', 'dave']) owner.see(name)
  const first = await shell('GET', '/peers?limit=2')
  answers(t, first, 200, pageOf(people.Peer))
  const { items, next } = first.body as Page<Peer>
  t.equal(items.length, 2)
  const second = (await shell('GET', `/peers?limit=2&cursor=${next}`)).body as Page<Peer>
  t.strictSame(second, { items: [owner.peer(deviceOf('dave'))] })
  fails(t, await shell('GET', '/peers?cursor=nobody'), 404, 'NOT_FOUND')
  for (const limit of ['0', '-1', '1.5', 'x']) fails(t, await shell('GET', `/peers?limit=${limit}`), 400, 'BAD_SHAPE')
  owner.hosts.set('bobs-laptop', 'bob')
  answers(t, await shell('POST', '/peers', { body: { address: 'bobs-laptop' } }), 200, people.Peer)
  fails(t, await shell('POST', '/peers', { body: { address: 'nowhere' } }), 502, 'HOST_NOT_FOUND')
  fails(t, await shell('POST', '/peers', { body: { address: '' } }), 400, 'BAD_SHAPE')
})

t.test('a page of a list has 200 items at most', async (t) => {
  const { shell, owner } = await runApi(t)
  for (let at = 0; at <= limits.apiPageItems; at += 1) owner.see(`peer ${at}`)
  const list = async (query: string): Promise<number> =>
    ((await bodyOf(shell('GET', `/peers${query}`))) as Page<Peer>).items.length
  const holds = async (count: number): Promise<boolean> => (await list(`?limit=${count}`)) === count
  await upTo(t, 'apiPageItems', holds, 'BAD_SHAPE')
  t.equal(await list(''), limits.apiPageItems, 'as many if nobody says how many')
})

t.test('contacts: request, list, accept, name, forget', async (t) => {
  const { shell, owner } = await runApi(t)
  owner.see('bob')
  const added = await shell('POST', '/contacts', { body: { deviceId: deviceOf('bob'), note: 'hello' } })
  answers(t, added, 201, people.Contact)
  t.match(added.body, { state: 'outgoing', note: 'hello' })
  answers(t, await shell('POST', '/contacts', { body: { link: 'warren:carol' } }), 201, people.Contact)
  answers(t, await shell('GET', '/contacts'), 200, pageOf(people.Contact))
  owner.meet('dave', 'incoming')
  const dave = `/contacts/${personOf('dave')}`
  answers(t, await shell('GET', dave), 200, people.Contact)
  const accepted = await shell('PATCH', dave, { body: { state: 'accepted', petname: 'D' } })
  answers(t, accepted, 200, people.Contact)
  t.match(accepted.body, { state: 'accepted', petname: 'D' })
  fails(t, await shell('PATCH', dave, { body: { state: 'accepted' } }), 409, 'CONFLICT')
  answers(t, await shell('DELETE', dave), 204)
  fails(t, await shell('GET', dave), 404, 'NOT_FOUND')
  fails(t, await shell('DELETE', dave), 404, 'NOT_FOUND')
})

t.test('contacts: what is refused', async (t) => {
  const { shell } = await runApi(t)
  fails(t, await shell('POST', '/contacts', { body: { link: 'warren:?' } }), 400, 'BAD_LINK')
  fails(t, await shell('POST', '/contacts', { body: { link: 'warren:alice' } }), 400, 'SELF')
  fails(t, await shell('POST', '/contacts', { body: {} }), 400, 'BAD_SHAPE')
  fails(t, await shell('POST', '/contacts', { body: { link: 'warren:bob', deviceId: 'x' } }), 400, 'BAD_SHAPE')
  const note = 'x'.repeat(limits.noteCodePoints + 1)
  fails(t, await shell('POST', '/contacts', { body: { link: 'warren:bob', note } }), 413, 'TOO_LARGE')
  fails(t, await shell('GET', '/contacts/tooshort'), 400, 'BAD_SHAPE')
  fails(t, await shell('PATCH', `/contacts/${personOf('bob')}`, { body: { muted: true } }), 404, 'NOT_FOUND')
  fails(t, await shell('PATCH', `/contacts/${personOf('bob')}`, { body: { state: 'friend' } }), 400, 'BAD_SHAPE')
})

t.test('conversations: open, read, draft, mark, type', async (t) => {
  const { shell, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  const direct = await shell('POST', '/conversations', { body: { kind: 'direct', members: [personOf('bob')] } })
  answers(t, direct, 201, conversations.Conversation)
  const { id } = direct.body as Conversation
  answers(t, await shell('GET', '/conversations'), 200, pageOf(conversations.Conversation))
  answers(t, await shell('GET', `/conversations/${id}`), 200, conversations.Conversation)
  const drafted = await shell('PATCH', `/conversations/${id}`, { body: { draft: 'Dear B' } })
  answers(t, drafted, 200, conversations.Conversation)
  t.match(drafted.body, { draft: 'Dear B' })
  const { order } = owner.receive('bob', 'hi')
  answers(t, await shell('POST', `/conversations/${id}/read`, { body: { upTo: order } }), 204)
  t.equal(owner.conversation(id).readUpTo, order)
  answers(t, await shell('POST', `/conversations/${id}/typing`, { body: {} }), 204)
  t.strictSame(owner.typed, [id])
})

t.test('conversations: unknown ids and wrong shapes', async (t) => {
  const { shell } = await runApi(t)
  const path = `/conversations/${unknownConversation}`
  fails(t, await shell('GET', path), 404, 'NOT_FOUND')
  fails(t, await shell('GET', '/conversations/abc'), 400, 'BAD_SHAPE')
  fails(t, await shell('GET', `${path}/messages`), 404, 'NOT_FOUND')
  fails(t, await shell('PATCH', path, { body: { draft: 'x' } }), 404, 'NOT_FOUND')
  fails(t, await shell('POST', `${path}/messages`, { body: { text: 'x', clientId: 'c' } }), 404, 'NOT_FOUND')
  fails(t, await shell('POST', `${path}/read`, { body: { upTo: '1' } }), 404, 'NOT_FOUND')
  fails(t, await shell('POST', `${path}/typing`, { body: {} }), 404, 'NOT_FOUND')
  const wrong = [
    { kind: 'group', members: [] },
    { kind: 'direct' },
    { kind: 'direct', members: [] },
    { kind: 'direct', members: ['a', 'b'] },
    { kind: 'self', members: [] },
  ]
  for (const body of wrong) fails(t, await shell('POST', '/conversations', { body }), 400, 'BAD_SHAPE')
})

t.test('messages: sent once for a clientId, paged newest first', async (t) => {
  const running = await runApi(t)
  const { shell } = running
  const path = `/conversations/${await opened(running)}/messages`
  const first = await shell('POST', path, { body: { text: 'one', clientId: 'a' } })
  answers(t, first, 201, conversations.Message)
  const again = await shell('POST', path, { body: { text: 'other', clientId: 'a' } })
  answers(t, again, 200, conversations.Message)
  t.strictSame(again.body, first.body)
  for (const text of ['two', 'three', 'four']) await shell('POST', path, { body: { text, clientId: text } })
  const page = await shell('GET', `${path}?limit=2`)
  answers(t, page, 200, conversations.MessagePage)
  const { items } = page.body as MessagePage
  t.strictSame(
    items.map(({ text }) => text),
    ['four', 'three'],
  )
  const before = (await shell('GET', `${path}?before=${items[1]?.order}`)).body as MessagePage
  t.strictSame(
    before.items.map(({ text }) => text),
    ['two', 'one'],
  )
  const after = (await shell('GET', `${path}?after=${before.items[1]?.order}&limit=1`)).body as MessagePage
  t.strictSame([after.items.map(({ text }) => text), after.newer, after.older], [['two'], true, true])
})

t.test('messages: text goes through byte for byte, up to its limit', async (t) => {
  const running = await runApi(t)
  const { shell } = running
  const path = `/conversations/${await opened(running)}/messages`
  const texts = ['👩🏽‍🚀\u0000\u202e\r\n\ttab "quote" \\ </script>', 'é', 'x'.repeat(limits.textBytes), '€'.repeat(21_845)]
  for (const text of texts) {
    const { body } = await shell('POST', path, { body: { text, clientId: String(text.length) } })
    t.equal((body as Message).text, text)
  }
  const post = async (text: string): Promise<Answer> => await shell('POST', path, { body: { text, clientId: 'z' } })
  fails(t, await post('x'.repeat(limits.textBytes + 1)), 413, 'TOO_LARGE')
  const over = await post('€'.repeat(21_846))
  fails(t, over, 413, 'TOO_LARGE')
  t.match(over.body, { error: { message: 'text: at most 65536 bytes' } })
  fails(t, await post(''), 400, 'BAD_SHAPE')
  fails(t, await post('\udc00'), 400, 'BAD_SHAPE')
  const tooLong = { text: 'x', clientId: 'x'.repeat(limits.clientIdBytes + 1) }
  fails(t, await shell('POST', path, { body: tooLong }), 413, 'TOO_LARGE')
  fails(t, await shell('POST', path, { body: { text: 'x' } }), 400, 'BAD_SHAPE')
})

t.test('bodies that are no JSON, no object, or of another type', async (t) => {
  const running = await runApi(t)
  const { shell } = running
  const path = `/conversations/${await opened(running)}/messages`
  for (const body of ['{"text":', '', '[]', '1', 'null', '{"text":"a","clientId":"b","more":1}']) {
    fails(t, await shell('POST', path, { body }), 400, 'BAD_SHAPE')
  }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ]) {
    const headers = { 'content-type': type }
    fails(t, await shell('POST', path, { body: '{"text":"a","clientId":"b"}', headers }), 400, 'BAD_SHAPE')
  }
  t.equal(
    (
      await shell('POST', path, {
        body: '{"text":"a","clientId":"b"}',
        headers: { 'content-type': 'application/json; charset=UTF-8' },
      })
    ).status,
    201,
  )
})

t.test('unknown paths and methods are not found', async (t) => {
  const { shell } = await runApi(t)
  fails(t, await shell('GET', '/nothing'), 404, 'NOT_FOUND')
  fails(t, await shell('DELETE', '/me'), 404, 'NOT_FOUND')
  fails(t, await shell('PUT', '/me', { body: {} }), 404, 'NOT_FOUND')
  fails(t, await shell('GET', '/events'), 400, 'BAD_SHAPE')
})

t.test('an error of our own is logged by place, without words, and tells nothing', async (t) => {
  const { shell, owner, logged } = await runApi(t)
  owner.me = () => {
    throw new TypeError('secret words')
  }
  const answer = await shell('GET', '/me')
  fails(t, answer, 500, 'INTERNAL')
  t.notMatch(answer.text + logged.join(''), /secret/)
  t.match(logged.join(''), /a request failed.*routes\.test\.ts:\d+/)
})

t.test('GET /openapi.json describes every route from the schemas that validate', async (t) => {
  const { shell } = await runApi(t)
  const document = (await shell('GET', '/openapi.json')).body as { paths: Record<string, Record<string, object>> }
  t.match(document, { openapi: '3.1.0' })
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replace('/api/v1', '')}`),
  )
  const written = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')
  // The first cell of each row of the table: `GET /me · PATCH /me`.
  const cells = [...written.matchAll(/^\| ((?:GET|POST|PATCH|DELETE) [^|]*)\|/gm)].map(([, cell = '']) => cell)
  const promised = cells.flatMap((cell) => [...cell.matchAll(/([A-Z]+) (\/[\w./:-]*)/g)])
  const routes = promised.map(
    ([, method = '', path = '']) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
  )
  t.strictSame([...operations, 'get /openapi.json'].toSorted(), routes.toSorted())
  t.match(document.paths['/api/v1/conversations/{id}/messages'], {
    post: {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/NewMessage' } } },
      },
    },
  })
})
