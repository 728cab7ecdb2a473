/** Schemas of the recovery phrase. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { UnlockRequest } from './keys.ts'
import { longText, maybe } from './text.ts'

export const RecoveryPhrase = z
  .object({ state: z.enum(['unwritten', 'written', 'elsewhere']), writtenAt: maybe(z.number()) })
  .openapi('RecoveryPhrase')

export const PhraseWish = z.strictObject({ current: maybe(UnlockRequest) }).openapi('PhraseWish')

export const BeginningAnew = z.object({ asksContacts: z.boolean() }).openapi('BeginningAnew')

export const ShownPhrase = z.object({ words: z.array(z.string()), asked: z.array(z.number()) }).openapi('ShownPhrase')

export const PhraseAnswers = z
  .strictObject({ answers: z.array(longText(limits.phraseBytes)).max(24) })
  .openapi('PhraseAnswers')
