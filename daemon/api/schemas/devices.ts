/** Schemas of the owner's own devices and of linking one more. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { longText, maybe, shortText } from './text.ts'

export const OwnDevice = z
  .object({
    deviceId: z.string(),
    fingerprint: z.string(),
    name: z.string(),
    deviceClass: z.enum(['desktop', 'phone', 'bot', 'other']),
    current: z.boolean(),
    online: z.boolean(),
  })
  .openapi('Device')

export const OwnDevicePatch = z.strictObject({ name: shortText(limits.nameCodePoints) }).openapi('DevicePatch')

export const Linking = z
  .object({
    role: z.enum(['old', 'new']),
    state: z.enum(['waiting', 'looking', 'comparing', 'confirmed', 'done', 'failed']),
    code: maybe(z.string()),
    link: maybe(z.string()),
    expiresAt: maybe(z.number()),
    words: maybe(z.array(z.string())),
    fingerprint: maybe(z.string()),
    problem: maybe(
      z.enum([
        'nobody',
        'wrong-code',
        'used-up',
        'cancelled',
        'other-words',
        'expired',
        'not-theirs',
        'same-person',
        'other-person',
        'unreachable',
        'failed',
      ]),
    ),
  })
  .openapi('Linking')

export const NoLinking = z.object({ state: z.literal('none') }).openapi('NoLinking')

export const NewLinking = z
  .strictObject({ code: maybe(longText(limits.contactLinkBytes)), address: maybe(longText(limits.addressBytes)) })
  .openapi('NewLinking')

export const LinkingEnd = z.strictObject({ differ: z.boolean() }).openapi('LinkingEnd')
