/** Notifications that reach the owner's browsers while no page is open. */

import { createRoute } from '@hono/zod-openapi'
import { WarrenError } from '../../../protocol/errors.ts'
import * as schema from '../schemas/push.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const path = '/push-subscriptions'

const show = createRoute({
  method: 'get',
  path,
  summary: 'The key of this daemon, how much notifications say, and the browsers that get them.',
  responses: { 200: json(schema.PushSettings, 'Newest first.'), ...problem },
})
const subscribe = createRoute({
  method: 'post',
  path,
  summary: 'This browser session is told from now on, in the place of its earlier subscription.',
  request: { body: body(schema.NewPushSubscription) },
  responses: { 201: json(schema.PushSettings, 'As they are now.'), ...problem },
})
const patch = createRoute({
  method: 'patch',
  path,
  summary: 'How much notifications say, in all browsers.',
  request: { body: body(schema.PushPatch) },
  responses: { 200: json(schema.PushSettings, 'As they are now.'), ...problem },
})
const remove = createRoute({
  method: 'delete',
  path: `${path}/{id}`,
  summary: 'This browser is told no more.',
  request: { params: idParam },
  responses: { 204: done, ...problem },
})

export function addPushRoutes(api: Routes, owner: TheOwner, sessions: { isLive(id: string): boolean }): void {
  api.openapi(show, (c) => c.json(owner().push.settings(c.get('session')?.id), 200))
  api.openapi(subscribe, async (c) => {
    const session = c.get('session')
    if (session === undefined) throw new WarrenError('NOT_ALLOWED', 'only a browser can have notifications')
    await owner().push.subscribe(session, c.req.valid('json'))
    if (!sessions.isLive(session.id)) {
      await owner().push.remove(session.id)
      throw new WarrenError('NO_SESSION', 'the session has ended')
    }
    return c.json(owner().push.settings(session.id), 201)
  })
  api.openapi(patch, async (c) => {
    await owner().push.patch(c.req.valid('json'))
    return c.json(owner().push.settings(c.get('session')?.id), 200)
  })
  api.openapi(remove, async (c) => {
    await owner().push.remove(c.req.valid('param').id)
    return c.body(null, 204)
  })
}
