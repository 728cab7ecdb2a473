/** What a request to the daemon can end with, by code. */

import type { ErrorCode } from '../../protocol/errors.ts'

/** `DAEMON_GONE`: nothing answered at all. `FILE_GONE`: the page cannot read the file, or not any more. */
export type ApiErrorCode = ErrorCode | 'DAEMON_GONE' | 'FILE_GONE'

export class ApiError extends Error {
  readonly code: ApiErrorCode
  /** How long the daemon asks us to wait; 0 if it does not say. */
  readonly retryAfterMs: number
  /** What the daemon adds for machines to read. */
  readonly details: unknown

  constructor(
    code: ApiErrorCode,
    message: string,
    options: { retryAfterMs?: number; cause?: unknown; details?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ApiError'
    this.code = code
    this.retryAfterMs = options.retryAfterMs ?? 0
    this.details = options.details
  }
}

export const apiErrorCode = (error: unknown): ApiErrorCode => (error instanceof ApiError ? error.code : 'INTERNAL')

const passing = new Set<ApiErrorCode>([
  'DAEMON_GONE',
  'RATE_LIMITED',
  'LOCKED',
  'CLOSING',
  'NO_SESSION',
  'NOT_RUNNING',
  'INTERNAL',
])

/** True if the same request may well succeed later, untouched. */
export const isPassing = (code: ApiErrorCode): boolean => passing.has(code)
