/**
 * Shapes of the local API, shared by the daemon, the page and the CLI. All ids are strings, all times epoch milliseconds.
 * Lists come as `{items, next?}`, newest first; `next` is the cursor of the following page.
 */

import type { ErrorCode } from './errors.ts'

/** Counts up when the page and the daemon stop understanding each other; the page asks for a reload when they differ. */
export const apiVersion = 1

export interface ApiErrorBody {
  error: { code: ErrorCode; message: string; details?: unknown }
}

export interface Page<T> {
  items: T[]
  next?: string
}

/** GET /health: needs no session. */
export interface Health {
  status: 'starting' | 'ok' | 'locked' | 'closing'
  version: string
  apiVersion: number
}

/** GET /status; also answered while the daemon is locked, without links. */
export interface Status {
  running: true
  locked: boolean
  pid: number
  version: string
  api: string
  links: { deviceId: string; personId: string; name: string; address: string }[]
}
