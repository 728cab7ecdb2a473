/** Conversations: listing, opening, drafts, read marks and typing. */

import { createRoute } from '@hono/zod-openapi'
import type { Files } from '../files.ts'
import { Conversation, ConversationPatch, Empty, NewConversation, ReadMark } from '../schemas/conversations.ts'
import { pageOf as pageSchema } from '../schemas/text.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const path = '/conversations'
const onePath = '/conversations/{id}'

const list = createRoute({
  method: 'get',
  path,
  summary: 'All conversations.',
  request: { query: PageQuery },
  responses: { 200: json(pageSchema(Conversation), 'Conversations.'), ...problem },
})
const open = createRoute({
  method: 'post',
  path,
  summary:
    'Open the direct conversation with a person, or the notes to oneself, where the same again answers the same; or make a group.',
  request: { body: body(NewConversation) },
  responses: { 201: json(Conversation, 'The conversation.'), ...problem },
})
const one = createRoute({
  method: 'get',
  path: onePath,
  summary: 'One conversation.',
  request: { params: idParam },
  responses: { 200: json(Conversation, 'The conversation.'), ...problem },
})
const patch = createRoute({
  method: 'patch',
  path: onePath,
  summary: 'Keep a draft, mute.',
  request: { params: idParam, body: body(ConversationPatch) },
  responses: { 200: json(Conversation, 'The conversation as changed.'), ...problem },
})
const remove = createRoute({
  method: 'delete',
  path: onePath,
  summary: 'Delete it here, and only here, for good. A later message opens it again, empty.',
  request: { params: idParam },
  responses: { 204: done, ...problem },
})
const read = createRoute({
  method: 'post',
  path: '/conversations/{id}/read',
  summary: 'Everything up to this order key has been seen.',
  request: { params: idParam, body: body(ReadMark) },
  responses: { 204: done, ...problem },
})
const typing = createRoute({
  method: 'post',
  path: '/conversations/{id}/typing',
  summary: 'The owner is typing.',
  request: { params: idParam, body: body(Empty) },
  responses: { 204: done, ...problem },
})

export function addConversationRoutes(api: Routes, owner: TheOwner, files: Files): void {
  api.openapi(list, (c) => {
    const page = pageOf(owner().conversations(), (conversation) => conversation.id, c.req.valid('query'))
    const session = c.get('session')?.id
    return c.json({ ...page, items: page.items.map((each) => files.conversation(session, each)) }, 200)
  })
  api.openapi(open, async (c) => {
    const wanted = c.req.valid('json')
    if (wanted.kind === 'group') return c.json(await owner().groups.create(wanted), 201)
    const members = wanted.kind === 'direct' ? wanted.members : []
    return c.json(await owner().openConversation(wanted.kind, members), 201)
  })
  api.openapi(one, (c) => {
    const conversation = owner().conversation(c.req.valid('param').id)
    return c.json(files.conversation(c.get('session')?.id, conversation), 200)
  })
  api.openapi(patch, async (c) => {
    const conversation = await owner().patchConversation(c.req.valid('param').id, c.req.valid('json'))
    return c.json(files.conversation(c.get('session')?.id, conversation), 200)
  })
  api.openapi(remove, async (c) => {
    await owner().deleteConversation(c.req.valid('param').id)
    return c.body(null, 204)
  })
  api.openapi(read, async (c) => {
    await owner().markRead(c.req.valid('param').id, c.req.valid('json').upTo)
    return c.body(null, 204)
  })
  api.openapi(typing, (c) => {
    owner().typing(c.req.valid('param').id)
    return c.body(null, 204)
  })
}
