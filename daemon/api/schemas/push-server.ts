/** Schemas of the push server that wakes this device: see protocol/http-push-server.ts. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { maybe } from './text.ts'

export const PushServerSettings = z
  .object({
    server: z.string(),
    state: z.enum(['off', 'unregistered', 'unproven', 'registered', 'expired']),
    platform: maybe(z.enum(['apns', 'webpush'])),
    registeredAt: maybe(z.number()),
    expiresAt: maybe(z.number()),
    wakers: z.number(),
    groups: z.number(),
    groupsWithout: z.number(),
    problem: maybe(z.string()),
    problemSince: maybe(z.number()),
    nextTryAt: maybe(z.number()),
    former: z.array(
      z.object({
        server: z.string(),
        rows: z.number(),
        problemSince: maybe(z.number()),
        nextTryAt: maybe(z.number()),
      }),
    ),
  })
  .openapi('PushServerSettings')

export const PushServerPatch = z
  .strictObject({ server: z.string().max(limits.addressBytes) })
  .openapi('PushServerPatch')
