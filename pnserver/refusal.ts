/** What this server says no with: a stable code, the status that goes with it, and a sentence in English. */

import { WarrenError } from '../protocol/errors.ts'

const statuses = {
  BAD_SHAPE: 400,
  BAD_CODE: 403,
  BAD_SIGNATURE: 403,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  TOO_LARGE: 413,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  CLOSING: 503,
} as const

export type RefusalCode = keyof typeof statuses

export interface Refusal {
  readonly status: (typeof statuses)[RefusalCode]
  readonly code: RefusalCode
  readonly message: string
}

const isKnown = (code: string): code is RefusalCode => Object.hasOwn(statuses, code)

/** What is answered to something thrown: what is not ours to tell is INTERNAL. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof WarrenError && isKnown(error.code)) {
    return { status: statuses[error.code], code: error.code, message: error.message }
  }
  return { status: 500, code: 'INTERNAL', message: 'something went wrong here' }
}
