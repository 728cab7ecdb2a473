/** What is wrong with words that somebody typed, said to a person. */

import { msg, str } from '@lit/localize'
import type { PhraseProblem } from '../../protocol/words.ts'
import { ApiError } from '../client/api-error.ts'

/** Undefined for any other error. */
export function phraseProblem(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.code !== 'BAD_SHAPE') return undefined
  const details = (error.details ?? {}) as Partial<PhraseProblem> & { readonly word?: number; readonly count?: number }
  switch (details.phrase) {
    case 'count':
      return msg(str`A recovery phrase has 24 words. These are ${details.count ?? 0}.`)
    case 'unknown-word':
      return msg(str`Word ${details.word ?? 0} is not a word of a recovery phrase. Look for a slip.`)
    case 'checksum':
      return msg('These are not the 24 words: one is another word, or two are swapped.')
    case undefined:
      return details.word === undefined ? undefined : msg(str`Word ${details.word} is another one.`)
  }
  return undefined
}
