/** What Apple's answers mean for a push ("Handling notification responses from APNs"). */

import type { PushOutcome } from './provider.ts'
import { rejectionOf } from './rejections.ts'
import type { Again } from './tries.ts'
import { pushLimits, readRetryAfter } from './waiting.ts'

export interface ApnsAnswer {
  readonly status: number
  /** One word of Apple's; undefined if there was none. */
  readonly reason: string | undefined
  /** With 410, epoch milliseconds. */
  readonly sinceMs: number | undefined
  readonly retryAfterMs: number | undefined
}

export type ApnsVerdict =
  | PushOutcome
  | Again
  /** The token of the device is unknown in this environment. */
  | { readonly is: 'badToken' }
  /** The server's own token is too old. */
  | { readonly is: 'expired' }

/** Never throws: what cannot be read is not there. */
export function readAnswer(status: number, retryAfter: string | undefined, text: string, nowMs: number): ApnsAnswer {
  const { reason, timestamp } = readBody(text)
  return {
    status,
    reason: typeof reason === 'string' && /^[A-Za-z]{1,48}$/.test(reason) ? reason : undefined,
    sinceMs: typeof timestamp === 'number' && Number.isSafeInteger(timestamp) && timestamp > 0 ? timestamp : undefined,
    retryAfterMs: readRetryAfter(retryAfter, nowMs),
  }
}

function readBody(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Only what says that a token is no longer one may cost a row; whatever blames this server costs nothing and is told. */
export function judge({ status, reason, sinceMs, retryAfterMs }: ApnsAnswer): ApnsVerdict {
  if (status === 200) return { is: 'delivered' }
  if (status === 410) return { is: 'gone', sinceMs }
  if (reason === 'BadDeviceToken') return { is: 'badToken' }
  if (reason === 'ExpiredProviderToken') return { is: 'expired' }
  if (status === 429) return { is: 'later', retryAfterMs: retryAfterMs ?? pushLimits.laterMs }
  if (status >= 500 || reason === 'IdleTimeout') return { is: 'again', afterMs: retryAfterMs }
  return { is: 'rejectedConfig', reason: rejectionOf(reason) }
}
