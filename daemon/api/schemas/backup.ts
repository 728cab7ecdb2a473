/** Schemas of backups. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { UnlockRequest } from './keys.ts'
import { longText, maybe } from './text.ts'

export const NewBackup = z
  .strictObject({
    passphrase: maybe(longText(limits.passphraseBytes)),
    files: maybe(z.boolean()),
    current: maybe(UnlockRequest),
  })
  .openapi('NewBackup')

export const BackupSize = z
  .object({ about: z.number(), files: z.object({ count: z.number(), about: z.number() }) })
  .openapi('BackupSize')

export const BackupLink = z
  .object({
    id: z.string(),
    link: z.string(),
    expiresAt: z.number(),
    name: z.string(),
    about: z.number(),
    recoveryKey: maybe(z.string()),
  })
  .openapi('BackupLink')

export const BackupCourse = z
  .object({ state: z.enum(['waiting', 'going', 'done', 'ended']), given: z.number() })
  .openapi('BackupCourse')
