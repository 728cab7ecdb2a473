/** What opens the home, and how it is changed. */

import { createRoute, z } from '@hono/zod-openapi'
import type { Keys } from '../keys.ts'
import * as schema from '../schemas/keys.ts'
import { body, done, json, problem, type Routes } from './route.ts'

const list = createRoute({
  method: 'get',
  path: '/key-slots',
  summary: 'What opens the home.',
  responses: { 200: json(z.object({ items: z.array(schema.KeySlotInfo) }), 'One for each kind.'), ...problem },
})
const add = createRoute({
  method: 'post',
  path: '/key-slots',
  summary: 'Set the passphrase, make a recovery key or a key file; in place of the one of that kind.',
  request: { body: body(schema.NewKeySlot) },
  responses: { 201: json(schema.NewKeySlotAnswer, 'A recovery key is shown this once.'), ...problem },
})
const remove = createRoute({
  method: 'post',
  path: '/key-slots/remove',
  summary: 'Remove a slot; the last one stays.',
  request: { body: body(schema.KeySlotRemoval) },
  responses: { 204: done, ...problem },
})
const strength = createRoute({
  method: 'post',
  path: '/key-slots/strength',
  summary: 'How hard a passphrase is to guess, while it is typed. Nothing is kept.',
  request: { body: body(schema.TypedPassphrase) },
  responses: { 200: json(schema.PassphraseStrength, 'An estimate on the low side.'), ...problem },
})

export function addKeySlotRoutes(api: Routes, keys: () => Keys): void {
  api.openapi(list, (c) => c.json({ items: keys().slots() }, 200))
  api.openapi(add, async (c) => {
    const answer = await keys().addSlot(c.req.valid('json'), c.env.channel === 'socket')
    return c.json(answer, 201)
  })
  api.openapi(remove, async (c) => {
    const { kind, current } = c.req.valid('json')
    await keys().removeSlot(kind, current, c.env.channel === 'socket')
    return c.body(null, 204)
  })
  api.openapi(strength, (c) => c.json(keys().strength(c.req.valid('json').passphrase), 200))
}
