/** The owner, and devices that were seen. */

import { createRoute } from '@hono/zod-openapi'
import { Me, MePatch, Peer, PeerLook } from '../schemas/people.ts'
import { pageOf as pageSchema } from '../schemas/text.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, json, problem, type Routes, type TheOwner } from './route.ts'

const me = createRoute({
  method: 'get',
  path: '/me',
  summary: 'Own person, device, card, addresses and contact link.',
  responses: { 200: json(Me, 'The owner.'), ...problem },
})
const patchMe = createRoute({
  method: 'patch',
  path: '/me',
  summary: 'Change name, status, colour or visibility.',
  request: { body: body(MePatch) },
  responses: { 200: json(Me, 'The owner as changed.'), ...problem },
})
const peers = createRoute({
  method: 'get',
  path: '/peers',
  summary: 'Devices that were seen.',
  request: { query: PageQuery },
  responses: { 200: json(pageSchema(Peer), 'Seen devices.'), ...problem },
})
const look = createRoute({
  method: 'post',
  path: '/peers',
  summary: 'Dial an address and say hello; asks nothing of the other person.',
  request: { body: body(PeerLook) },
  responses: { 200: json(Peer, 'Who is there.'), ...problem },
})
export function addOwnerRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(me, (c) => c.json(owner().me(), 200))
  api.openapi(patchMe, async (c) => c.json(await owner().patchMe(c.req.valid('json')), 200))
  api.openapi(peers, (c) => {
    const page = pageOf(owner().peers(), (peer) => peer.deviceId, c.req.valid('query'))
    return c.json(page, 200)
  })
  api.openapi(look, async (c) => c.json(await owner().look(c.req.valid('json').address, c.req.raw.signal), 200))
}
