/** Joining groups by link. */

import { createRoute, z } from '@hono/zod-openapi'
import { GroupGlance, GroupJoin, GroupLook, Joining } from '../schemas/groups.ts'
import { idText, pageOf as pageSchema } from '../schemas/text.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, done, json, problem, type Routes, type TheOwner } from './route.ts'

const look = createRoute({
  method: 'post',
  path: '/groups/look',
  summary: 'What a link leads to, as it says itself; nobody is asked.',
  request: { body: body(GroupLook) },
  responses: { 200: json(GroupGlance, 'What the link says.'), ...problem },
})
const join = createRoute({
  method: 'post',
  path: '/groups/join',
  summary: 'Ask to be let into a group, until somebody does.',
  request: { body: body(GroupJoin) },
  responses: { 202: json(Joining, 'Members are looked for.'), ...problem },
})
const joining = createRoute({
  method: 'get',
  path: '/groups/joining',
  summary: 'Links that lead nowhere yet.',
  request: { query: PageQuery },
  responses: { 200: json(pageSchema(Joining), 'Links.'), ...problem },
})
const giveUp = createRoute({
  method: 'delete',
  path: '/groups/joining/{conversation}',
  summary: 'Give up joining a group.',
  request: { params: z.object({ conversation: idText.openapi({ param: { name: 'conversation', in: 'path' } }) }) },
  responses: { 204: done, ...problem },
})

export function addJoiningRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(look, (c) => c.json(owner().joins.look(c.req.valid('json').link), 200))
  api.openapi(join, async (c) => c.json(await owner().joins.join(c.req.valid('json').link), 202))
  api.openapi(joining, (c) => {
    const page = pageOf(owner().joins.joining(), ({ conversation }) => conversation, c.req.valid('query'))
    return c.json(page, 200)
  })
  api.openapi(giveUp, async (c) => {
    await owner().joins.giveUp(c.req.valid('param').conversation)
    return c.body(null, 204)
  })
}
