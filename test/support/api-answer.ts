/** An answer of the API as a function would give it. */

import { WarrenError } from '../../protocol/errors.ts'
import type { ApiErrorBody } from '../../protocol/http.ts'
import type { Answer } from './running-api.ts'

/** The body of a good answer; throws the error of a bad one. */
export async function bodyOf(answering: Promise<Answer>): Promise<unknown> {
  const { status, body } = await answering
  if (status < 400) return body
  const { code, message } = (body as ApiErrorBody).error
  throw new WarrenError(code, message)
}
