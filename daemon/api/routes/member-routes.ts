/** Members of a group, and invites into it. */

import { createRoute, z } from '@hono/zod-openapi'
import { GroupInvite, GroupMember, MemberPatch, NewInvite, NewMember } from '../schemas/groups.ts'
import { idText, pageOf as pageSchema } from '../schemas/text.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const also = (name: string) => idText.openapi({ param: { name, in: 'path' } })
const memberParams = idParam.extend({ person: also('person') })
const inviteParams = z.object({ ...idParam.shape, invite: also('invite') })

const members = createRoute({
  method: 'get',
  path: '/conversations/{id}/members',
  summary: 'Everybody in a group, those with most rights first.',
  request: { params: idParam, query: PageQuery },
  responses: { 200: json(pageSchema(GroupMember), 'Members.'), ...problem },
})
const add = createRoute({
  method: 'post',
  path: '/conversations/{id}/members',
  summary: 'Add a contact, who has to accept.',
  request: { params: idParam, body: body(NewMember) },
  responses: { 201: json(GroupMember, 'The member.'), ...problem },
})
const change = createRoute({
  method: 'patch',
  path: '/conversations/{id}/members/{person}',
  summary: 'Give a member another role, or hand the group over to them.',
  request: { params: memberParams, body: body(MemberPatch) },
  responses: { 200: json(GroupMember, 'The member as changed.'), ...problem },
})
const remove = createRoute({
  method: 'delete',
  path: '/conversations/{id}/members/{person}',
  summary: 'Remove a member. What they wrote and nobody linked holds yet stays outside.',
  request: { params: memberParams },
  responses: { 204: done, ...problem },
})
const invites = createRoute({
  method: 'get',
  path: '/conversations/{id}/invites',
  summary: 'Invites that still let somebody in.',
  request: { params: idParam, query: PageQuery },
  responses: { 200: json(pageSchema(GroupInvite), 'Invites.'), ...problem },
})
const invite = createRoute({
  method: 'post',
  path: '/conversations/{id}/invites',
  summary: 'Make a link that lets people into a group.',
  request: { params: idParam, body: body(NewInvite) },
  responses: { 201: json(GroupInvite, 'The invite, with its link.'), ...problem },
})
const revoke = createRoute({
  method: 'delete',
  path: '/conversations/{id}/invites/{invite}',
  summary: 'Take an invite back.',
  request: { params: inviteParams },
  responses: { 204: done, ...problem },
})

export function addMemberRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(members, (c) => {
    const { groups } = owner()
    const { id } = c.req.valid('param')
    const page = pageOf(groups.memberIds(id), (each) => each, c.req.valid('query'))
    return c.json({ ...page, items: groups.members(id, page.items) }, 200)
  })
  api.openapi(add, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await owner().groups.add(id, c.req.valid('json')), 201)
  })
  api.openapi(change, async (c) => {
    const { id, person } = c.req.valid('param')
    return c.json(await owner().groups.change(id, person, c.req.valid('json')), 200)
  })
  api.openapi(remove, async (c) => {
    const { id, person } = c.req.valid('param')
    await owner().groups.remove(id, person)
    return c.body(null, 204)
  })
  api.openapi(invites, (c) => {
    const all = owner().groups.invites(c.req.valid('param').id)
    return c.json(
      pageOf(all, ({ id }) => id, c.req.valid('query')),
      200,
    )
  })
  api.openapi(invite, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await owner().groups.invite(id, c.req.valid('json')), 201)
  })
  api.openapi(revoke, async (c) => {
    const { id, invite: which } = c.req.valid('param')
    await owner().groups.revoke(id, which)
    return c.body(null, 204)
  })
}
