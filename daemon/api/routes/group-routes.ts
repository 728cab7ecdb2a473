/** Groups: what they are called and who may do what, answering to being added, leaving, closing, and who holds what. */

import { createRoute } from '@hono/zod-openapi'
import type { Files } from '../files.ts'
import { Conversation, Empty } from '../schemas/conversations.ts'
import { Completeness, GroupAnswer, GroupPatch } from '../schemas/groups.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const changed = { 200: json(Conversation, 'The conversation as changed.'), ...problem }

const patch = createRoute({
  method: 'patch',
  path: '/conversations/{id}/group',
  summary: 'Change the name, description, colour, picture or rules of a group.',
  request: { params: idParam, body: body(GroupPatch) },
  responses: changed,
})
const answer = createRoute({
  method: 'post',
  path: '/conversations/{id}/answer',
  summary: 'Accept or decline being added to a group.',
  request: { params: idParam, body: body(GroupAnswer) },
  responses: changed,
})
const leave = createRoute({
  method: 'post',
  path: '/conversations/{id}/leave',
  summary: 'Leave a group; what is held stays readable. The root owner hands over first.',
  request: { params: idParam, body: body(Empty) },
  responses: { 204: done, ...problem },
})
const close = createRoute({
  method: 'post',
  path: '/conversations/{id}/close',
  summary: 'End a group for everybody.',
  request: { params: idParam, body: body(Empty) },
  responses: { 204: done, ...problem },
})
const completeness = createRoute({
  method: 'get',
  path: '/conversations/{id}/completeness',
  summary: 'Which devices are known to hold what of a conversation.',
  request: { params: idParam },
  responses: { 200: json(Completeness, 'As far as it was heard.'), ...problem },
})

export function addGroupRoutes(api: Routes, owner: TheOwner, files: Files): void {
  api.openapi(patch, async (c) => {
    const { id } = c.req.valid('param')
    const patched = await owner().groups.patch(id, c.req.valid('json'))
    return c.json(files.conversation(c.get('session')?.id, patched), 200)
  })
  api.openapi(answer, async (c) => {
    const { id } = c.req.valid('param')
    const answered = await owner().groups.answer(id, c.req.valid('json').answer)
    return c.json(files.conversation(c.get('session')?.id, answered), 200)
  })
  api.openapi(leave, async (c) => {
    await owner().groups.leave(c.req.valid('param').id)
    return c.body(null, 204)
  })
  api.openapi(close, async (c) => {
    await owner().groups.close(c.req.valid('param').id)
    return c.body(null, 204)
  })
  api.openapi(completeness, async (c) => c.json(await owner().completeness(c.req.valid('param').id), 200))
}
