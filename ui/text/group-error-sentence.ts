/** What went wrong with a group: some codes say something else there than in a conversation of two. */

import { msg } from '@lit/localize'
import type { ApiErrorCode } from '../client/api-error.ts'
import { errorSentence } from './error-sentence.ts'

const sentences: Readonly<Partial<Record<ApiErrorCode, () => string>>> = {
  NOT_ALLOWED: () => msg('You have no right to do that in this group, or not any more.'),
  NOT_A_MEMBER: () => msg('You do not belong to this group any more.'),
  CONFLICT: () => msg('The group has changed meanwhile. Look again.'),
  BAD_SHAPE: () => msg('A name needs at least one letter, and fewer than 65.'),
}

export const groupErrorSentence = (code: ApiErrorCode): string => sentences[code]?.() ?? errorSentence(code)
