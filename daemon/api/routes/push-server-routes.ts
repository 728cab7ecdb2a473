/** The push server through which this device is woken while it sleeps. */

import { createRoute } from '@hono/zod-openapi'
import * as schema from '../schemas/push-server.ts'
import { body, json, problem, type Routes, type TheOwner } from './route.ts'

const path = '/push-server'

const show = createRoute({
  method: 'get',
  path,
  summary: 'Which push server is used, and what it knows so far.',
  responses: { 200: json(schema.PushServerSettings, 'As it is now.'), ...problem },
})
const patch = createRoute({
  method: 'patch',
  path,
  summary: 'Uses another push server, or none: what was left at the one before is taken back.',
  request: { body: body(schema.PushServerPatch) },
  responses: { 200: json(schema.PushServerSettings, 'As it is now.'), ...problem },
})

export function addPushServerRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(show, (c) => c.json(owner().pushServer.settings(), 200))
  api.openapi(patch, async (c) => {
    const { server } = c.req.valid('json')
    await owner().pushServer.use(server === '' ? undefined : server)
    return c.json(owner().pushServer.settings(), 200)
  })
}
