/** Schemas of safety numbers. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { Contact } from './people.ts'
import { longText, maybe } from './text.ts'

export const Safety = z
  .object({ number: z.string(), code: z.string(), newDevices: z.array(z.string()) })
  .openapi('Safety')

export const NewVerification = z
  .strictObject({ number: maybe(longText(limits.contactLinkBytes)), code: maybe(longText(limits.contactLinkBytes)) })
  .refine(({ number, code }) => (number === undefined) !== (code === undefined), {
    error: 'exactly one of number and code',
  })
  .openapi('NewVerification')

export const Verification = z
  .object({
    result: z.enum(['match', 'other-number', 'own-code', 'other-person', 'not-for-you', 'other-keys']),
    contact: Contact,
    shownBy: maybe(z.string()),
  })
  .openapi('Verification')
