/** Schemas of coming back with the 24 words. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { longText, maybe } from './text.ts'

const LostDevice = z
  .object({
    deviceId: z.string(),
    fingerprint: z.string(),
    name: z.string(),
    addedAt: z.number(),
    here: z.boolean(),
  })
  .openapi('LostDevice')

export const Recovery = z
  .object({
    state: z.enum(['looking', 'found', 'writing', 'done', 'failed']),
    name: maybe(z.string()),
    personId: maybe(z.string()),
    devices: maybe(z.array(LostDevice)),
    from: maybe(z.object({ fingerprint: z.string(), own: z.boolean(), name: z.string(), askable: z.boolean() })),
    alone: maybe(z.boolean()),
    problem: maybe(
      z.enum([
        'nobody',
        'replaced',
        'several',
        'not-here',
        'same-person',
        'unreachable',
        'full',
        'cancelled',
        'expired',
        'failed',
      ]),
    ),
  })
  .openapi('Recovery')

export const NoRecovery = z.object({ state: z.literal('none') }).openapi('NoRecovery')

export const NewRecovery = z
  .strictObject({ words: longText(limits.phraseBytes), address: maybe(longText(limits.addressBytes)) })
  .openapi('NewRecovery')

export const RecoveryFinish = z
  .strictObject({
    remove: z.array(z.string().max(128)).max(limits.personOperations),
    askHelper: maybe(z.boolean()),
    alone: maybe(z.boolean()),
  })
  .openapi('RecoveryFinish')
