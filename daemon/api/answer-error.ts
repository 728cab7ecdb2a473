/** Turns whatever was thrown into the one error answer of the API, and logs what is our own fault. */

import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { WarrenError } from '../../protocol/errors.ts'
import type { ApiErrorBody } from '../../protocol/http.ts'
import { placeOf, type Log } from '../log.ts'
import { httpStatus } from './http-status.ts'

/** `details` of a RATE_LIMITED or NOT_RUNNING error: becomes Retry-After. */
export interface RetryDetails {
  readonly retryAfterMs: number
}

const retryMs = (details: unknown): number | undefined =>
  typeof details === 'object' &&
  details !== null &&
  'retryAfterMs' in details &&
  typeof details.retryAfterMs === 'number'
    ? details.retryAfterMs
    : undefined

const oneMinuteMs = 60_000

/** hono throws these for malformed JSON and the like; our own errors pass unchanged. */
function known(error: unknown): WarrenError | undefined {
  if (error instanceof WarrenError) return error
  if (error instanceof HTTPException && error.status < 500) {
    return new WarrenError(error.status === 413 ? 'TOO_LARGE' : 'BAD_SHAPE', 'the body is not valid JSON', {
      cause: error,
    })
  }
  return undefined
}

export function answerError(c: Context, error: unknown, log: Log): Response {
  const ours = known(error) ?? new WarrenError('INTERNAL', 'something went wrong in the daemon', { cause: error })
  const status = httpStatus[ours.code]
  if (status === 500) log('error', 'a request failed', { code: ours.code, place: placeOf(error) })
  const waitMs = retryMs(ours.details) ?? (ours.code === 'RATE_LIMITED' ? oneMinuteMs : undefined)
  if (waitMs !== undefined) c.header('retry-after', String(Math.max(1, Math.ceil(waitMs / 1000))))
  const { code, message, details } = ours
  const body: ApiErrorBody = { error: details === undefined ? { code, message } : { code, message, details } }
  return c.json(body, status)
}
