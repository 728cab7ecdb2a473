/** Coming back with the 24 words. */

import { createRoute, z } from '@hono/zod-openapi'
import { Empty } from '../schemas/conversations.ts'
import { NewRecovery, NoRecovery, Recovery, RecoveryFinish } from '../schemas/recovery.ts'
import { body, done, json, problem, type Routes, type TheOwner } from './route.ts'

const shown = createRoute({
  method: 'get',
  path: '/devices/recovery',
  summary: 'The recovery that is under way, or the last one.',
  responses: { 200: json(z.union([Recovery, NoRecovery]), 'Where it stands.'), ...problem },
})
const begin = createRoute({
  method: 'post',
  path: '/devices/recovery',
  summary: 'Look for the person whose 24 words these are.',
  request: { body: body(NewRecovery) },
  responses: { 200: json(Recovery, 'What was begun.'), ...problem },
})
const finish = createRoute({
  method: 'post',
  path: '/devices/recovery/finish',
  summary: 'Become a device of the person that was found; those that are lost are removed, and the words replaced.',
  request: { body: body(RecoveryFinish) },
  responses: { 200: json(Recovery, 'Where it stands.'), ...problem },
})
const end = createRoute({
  method: 'post',
  path: '/devices/recovery/end',
  summary: 'The owner thought better of it.',
  request: { body: body(Empty) },
  responses: { 204: done, ...problem },
})

export function addRecoveryRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(shown, (c) => c.json(owner().ownDevices.recovery(), 200))
  api.openapi(begin, (c) => c.json(owner().ownDevices.beginRecovery(c.req.valid('json')), 200))
  api.openapi(finish, (c) => c.json(owner().ownDevices.finishRecovery(c.req.valid('json')), 200))
  api.openapi(end, (c) => {
    owner().ownDevices.endRecovery()
    return c.body(null, 204)
  })
}
