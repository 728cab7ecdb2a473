/** A look through all data of this device: one at a time, begun and then asked about. */

import { createRoute } from '@hono/zod-openapi'
import { Examination, NewExamination } from '../schemas/examination.ts'
import { body, json, problem, type Routes, type TheOwner } from './route.ts'

const last = createRoute({
  method: 'get',
  path: '/examination',
  summary: 'The look through all data that is under way, or the last one since the daemon started.',
  responses: { 200: json(Examination, 'How far it is, and what it found.'), ...problem },
})
const begin = createRoute({
  method: 'post',
  path: '/examination',
  summary: 'Look through all data, and mend what can be mended if asked to.',
  request: { body: body(NewExamination) },
  responses: { 202: json(Examination, 'It has begun.'), ...problem },
})

export function addExaminationRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(last, (c) => c.json(owner().examination(), 200))
  api.openapi(begin, (c) => c.json(owner().examine(c.req.valid('json').repair), 202))
}
