/** Schemas of a look through all data. */

import { z } from '@hono/zod-openapi'
import { maybe } from './text.ts'

const Finding = z.object({
  kind: z.enum([
    'database',
    'identity',
    'row',
    'entry-damaged',
    'entry-missing',
    'order',
    'client-id',
    'position',
    'key',
    'file',
  ]),
  count: z.number(),
  outcome: z.enum(['mended', 'wanted', 'open']),
  conversation: maybe(z.string()),
})

export const Examination = z
  .object({
    state: z.enum(['none', 'running', 'done', 'failed']),
    repair: z.boolean(),
    startedAt: z.number(),
    finishedAt: z.number(),
    checked: z.number(),
    total: z.number(),
    waiting: z.number(),
    findings: z.array(Finding),
  })
  .openapi('Examination')

export const NewExamination = z.strictObject({ repair: z.boolean() }).openapi('NewExamination')
