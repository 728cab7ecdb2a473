/** Safety numbers: what is compared, and that it was. */

import { createRoute } from '@hono/zod-openapi'
import { Contact } from '../schemas/people.ts'
import { NewVerification, Safety, Verification } from '../schemas/safety.ts'
import { body, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const verification = '/contacts/{id}/verification'

const show = createRoute({
  method: 'get',
  path: '/contacts/{id}/safety',
  summary: 'The safety number of a contact, and the code that their device scans.',
  request: { params: idParam },
  responses: { 200: json(Safety, 'What to compare.'), ...problem },
})
const verify = createRoute({
  method: 'post',
  path: verification,
  summary: 'The owner compared: the number that was on both sides, or what the other side showed.',
  request: { params: idParam, body: body(NewVerification) },
  responses: { 200: json(Verification, 'What it means; only `match` changes the contact.'), ...problem },
})
const clear = createRoute({
  method: 'delete',
  path: verification,
  summary: 'Take it back that the owner compared.',
  request: { params: idParam },
  responses: { 200: json(Contact, 'The contact as changed.'), ...problem },
})

export function addSafetyRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(show, (c) => c.json(owner().safety.show(c.req.valid('param').id), 200))
  api.openapi(verify, async (c) => {
    const answer = await owner().safety.verify(c.req.valid('param').id, c.req.valid('json'))
    return c.json(answer, 200)
  })
  api.openapi(clear, async (c) => c.json(await owner().safety.clear(c.req.valid('param').id), 200))
}
