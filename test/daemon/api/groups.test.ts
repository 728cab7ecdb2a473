import type { z } from '@hono/zod-openapi'
import t, { type Test } from 'tap'
import * as conversations from '../../../daemon/api/schemas/conversations.ts'
import * as groups from '../../../daemon/api/schemas/groups.ts'
import { pageOf } from '../../../daemon/api/schemas/text.ts'
import type { Conversation } from '../../../protocol/http-conversations.ts'
import type { GroupInvite, GroupMember } from '../../../protocol/http-groups.ts'
import { limits } from '../../../protocol/limits.ts'
import { personOf, unknownConversation } from '../../support/fake-owner.ts'
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

async function made(running: RunningApi): Promise<string> {
  for (const name of ['bob', 'carol']) running.owner.meet(name, 'accepted')
  const body = { kind: 'group', name: 'Gardeners', members: [personOf('bob')] }
  const answer = await running.shell('POST', '/conversations', { body })
  return (answer.body as Conversation).id
}

t.test('making a group, changing what it is called, and closing it', async (t) => {
  const running = await runApi(t)
  const { shell, owner } = running
  owner.meet('bob', 'accepted')
  const body = { kind: 'group', name: 'Gardeners', members: [personOf('bob')], post: 'admin', history: 'everything' }
  const answer = await shell('POST', '/conversations', { body })
  answers(t, answer, 201, conversations.Conversation)
  const { id, group } = answer.body as Conversation
  t.match(group, { standing: 'joined', role: 'owner', members: 1, broadcast: true, rights: { govern: true } })
  const change = { name: 'Growers', description: 'of beans', color: '#112233', post: 'member' }
  const changed = await shell('PATCH', `/conversations/${id}/group`, { body: change })
  answers(t, changed, 200, conversations.Conversation)
  t.match(changed.body, { title: 'Growers', group: { description: 'of beans', broadcast: false } })
  answers(t, await shell('GET', `/conversations/${id}/completeness`), 200, groups.Completeness)
  answers(t, await shell('GET', `/conversations/${id}/messages`), 200, conversations.MessagePage)
  fails(t, await shell('POST', `/conversations/${id}/leave`, { body: {} }), 403, 'NOT_ALLOWED')
  answers(t, await shell('POST', `/conversations/${id}/close`, { body: {} }), 204)
  t.equal(owner.conversation(id).group?.standing, 'closed')
})

t.test('members: adding, roles, handing over, removing, leaving', async (t) => {
  const running = await runApi(t)
  const { shell, owner } = running
  const id = await made(running)
  const path = `/conversations/${id}/members`
  answers(t, await shell('POST', path, { body: { id: personOf('carol'), role: 'reader' } }), 201, groups.GroupMember)
  fails(t, await shell('POST', path, { body: { id: personOf('carol') } }), 409, 'CONFLICT')
  const listed = await shell('GET', `${path}?limit=2`)
  answers(t, listed, 200, pageOf(groups.GroupMember))
  t.strictSame(
    (listed.body as { items: GroupMember[] }).items.map(({ name, role }) => `${name} ${role}`),
    ['alice owner', 'bob member'],
  )
  const carol = `${path}/${personOf('carol')}`
  answers(t, await shell('PATCH', carol, { body: { role: 'admin' } }), 200, groups.GroupMember)
  fails(t, await shell('PATCH', carol, { body: { role: 'admin', transfer: true } }), 400, 'BAD_SHAPE')
  fails(t, await shell('PATCH', carol, { body: {} }), 400, 'BAD_SHAPE')
  fails(t, await shell('PATCH', carol, { body: { transfer: true } }), 403, 'NOT_ALLOWED')
  answers(t, await shell('DELETE', carol), 204)
  fails(t, await shell('DELETE', carol), 404, 'NOT_FOUND')
  owner.groups.joins(id, 'bob')
  const bob = `${path}/${personOf('bob')}`
  answers(t, await shell('PATCH', bob, { body: { transfer: true } }), 200, groups.GroupMember)
  answers(t, await shell('POST', `/conversations/${id}/leave`, { body: {} }), 204)
  const message = { text: 'still here', clientId: 'a' }
  fails(t, await shell('POST', `/conversations/${id}/messages`, { body: message }), 403, 'NOT_ALLOWED')
})

t.test('an invitation is accepted or declined, once', async (t) => {
  const { shell, owner } = await runApi(t)
  const id = await owner.groups.invited('bob', 'Readers')
  const path = `/conversations/${id}/answer`
  fails(t, await shell('POST', path, { body: { answer: 'maybe' } }), 400, 'BAD_SHAPE')
  const accepted = await shell('POST', path, { body: { answer: 'accept' } })
  answers(t, accepted, 200, conversations.Conversation)
  t.match(accepted.body, { group: { standing: 'joined', members: 2 } })
  fails(t, await shell('POST', path, { body: { answer: 'decline' } }), 409, 'CONFLICT')
})

t.test('invites: making, listing, taking back', async (t) => {
  const running = await runApi(t)
  const { shell } = running
  const path = `/conversations/${await made(running)}/invites`
  const answer = await shell('POST', path, { body: { uses: 3, seconds: 60, role: 'reader' } })
  answers(t, answer, 201, groups.GroupInvite)
  t.match(answer.body, { uses: 3, role: 'reader', link: /^warren:/ })
  t.match((await shell('POST', path, { body: {} })).body, { uses: 1, role: 'member' })
  for (const body of [{ uses: -1 }, { uses: 1.5 }, { seconds: -1 }, { role: 'king' }, { forever: true }])
    fails(t, await shell('POST', path, { body }), 400, 'BAD_SHAPE')
  answers(t, await shell('GET', path), 200, pageOf(groups.GroupInvite))
  const { id } = answer.body as GroupInvite
  answers(t, await shell('DELETE', `${path}/${id}`), 204)
  fails(t, await shell('DELETE', `${path}/${id}`), 404, 'NOT_FOUND')
})

t.test('joining by link: looking, asking, giving up', async (t) => {
  const { shell } = await runApi(t)
  answers(t, await shell('POST', '/groups/look', { body: { link: 'warren:group-readers' } }), 200, groups.GroupGlance)
  const asked = await shell('POST', '/groups/join', { body: { link: 'warren:group-readers' } })
  answers(t, asked, 202, groups.Joining)
  fails(t, await shell('POST', '/groups/join', { body: { link: 'warren:old-readers' } }), 400, 'LINK_EXPIRED')
  fails(t, await shell('POST', '/groups/look', { body: { link: 'warren:bob' } }), 400, 'BAD_LINK')
  answers(t, await shell('GET', '/groups/joining'), 200, pageOf(groups.Joining))
  const { conversation } = asked.body as { conversation: string }
  answers(t, await shell('DELETE', `/groups/joining/${conversation}`), 204)
  fails(t, await shell('DELETE', `/groups/joining/${conversation}`), 404, 'NOT_FOUND')
})

t.test('groups: unknown ids and wrong shapes', async (t) => {
  const { shell, owner } = await runApi(t)
  const path = `/conversations/${unknownConversation}`
  fails(t, await shell('GET', `${path}/members`), 404, 'NOT_FOUND')
  fails(t, await shell('GET', `${path}/completeness`), 404, 'NOT_FOUND')
  fails(t, await shell('PATCH', `${path}/group`, { body: { name: 'x' } }), 404, 'NOT_FOUND')
  const group = { kind: 'group', members: [] }
  const long = 'é'.repeat(limits.nameCodePoints + 1)
  fails(t, await shell('POST', '/conversations', { body: { ...group, name: long } }), 413, 'TOO_LARGE')
  fails(t, await shell('POST', '/conversations', { body: { ...group, name: ' ' } }), 400, 'BAD_SHAPE')
  fails(t, await shell('POST', '/conversations', { body: { ...group, name: 'x', color: 'red' } }), 400, 'BAD_SHAPE')
  const members = [personOf('nobody')]
  fails(t, await shell('POST', '/conversations', { body: { kind: 'group', name: 'x', members } }), 404, 'NOT_FOUND')
  const id = await owner.groups.invited('bob', 'Readers')
  fails(t, await shell('PATCH', `/conversations/${id}/group`, { body: { name: 'x' } }), 403, 'NOT_ALLOWED')
})
