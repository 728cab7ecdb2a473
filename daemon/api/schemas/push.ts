/** Schemas of notifications: see protocol/http-push.ts. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { base64url } from './text.ts'

const PushSubscriptionInfo = z
  .object({ id: z.string(), label: z.string(), service: z.string(), createdAt: z.number(), current: z.boolean() })
  .openapi('PushSubscriptionInfo')

export const PushSettings = z
  .object({
    applicationServerKey: z.string(),
    previews: z.boolean(),
    subscriptions: z.array(PushSubscriptionInfo),
  })
  .openapi('PushSettings')

export const NewPushSubscription = z
  .strictObject({
    endpoint: z.url({ protocol: /^https$/ }).max(limits.pushEndpointBytes),
    p256dh: base64url(65),
    auth: base64url(16),
    language: z.enum(['en', 'de']),
  })
  .openapi('NewPushSubscription')

export const PushPatch = z.strictObject({ previews: z.boolean() }).openapi('PushPatch')
