/** Locking and unlocking. */

import { createRoute } from '@hono/zod-openapi'
import type { Keys } from '../keys.ts'
import { Empty } from '../schemas/conversations.ts'
import { LockPatch, LockSettings, UnlockRequest } from '../schemas/keys.ts'
import { body, done, json, problem, type Routes } from './route.ts'

const unlock = createRoute({
  method: 'post',
  path: '/unlock',
  summary: 'Unlock with the passphrase or the recovery key. One attempt at a time; wrong ones make the next wait.',
  request: { body: body(UnlockRequest) },
  responses: { 204: done, ...problem },
})
const lock = createRoute({
  method: 'post',
  path: '/lock',
  summary: 'Lock: links close, keys are forgotten, everything but unlocking is answered LOCKED.',
  request: { body: body(Empty) },
  responses: { 204: done, ...problem },
})
const settings = createRoute({
  method: 'get',
  path: '/lock',
  summary: 'When the daemon locks itself.',
  responses: { 200: json(LockSettings, 'The settings.'), ...problem },
})
const patch = createRoute({
  method: 'patch',
  path: '/lock',
  summary: 'Change when the daemon locks itself.',
  request: { body: body(LockPatch) },
  responses: { 200: json(LockSettings, 'The settings as changed.'), ...problem },
})

export function addLockRoutes(api: Routes, keys: () => Keys): void {
  api.openapi(unlock, async (c) => {
    await keys().unlock(c.req.valid('json'))
    return c.body(null, 204)
  })
  api.openapi(lock, async (c) => {
    await keys().lock()
    return c.body(null, 204)
  })
  api.openapi(settings, (c) => c.json(keys().settings(), 200))
  api.openapi(patch, async (c) => {
    await keys().setIdleMinutes(c.req.valid('json').idleMinutes)
    return c.json(keys().settings(), 200)
  })
}
