/** One JSON request to the daemon, with the bearer token of the running session. */

import type { ApiErrorBody } from '../../protocol/http.ts'
import { ApiError } from './api-error.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export interface RequestOptions {
  body?: unknown
  timeoutMs?: number
  /** The request may outlive the page: for the last words when a tab closes. */
  keepalive?: boolean
}

let token: string | undefined

export const setToken = (value: string | undefined): void => {
  token = value
}

let onRefused: () => void = () => undefined

/** Hears that the token does not count any more. */
export const whenRefused = (listener: () => void): void => {
  onRefused = listener
}

/** What shows the session, where a request is not made here. */
export const authorization = (): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

async function toError(response: Response): Promise<ApiError> {
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000
  const body = (await response.json().catch(() => undefined)) as ApiErrorBody | undefined
  const fallback = response.status === 401 ? 'NO_SESSION' : response.status === 503 ? 'CLOSING' : 'INTERNAL'
  return new ApiError(body?.error.code ?? fallback, body?.error.message ?? response.statusText, {
    retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : 0,
    details: body?.error.details,
  })
}

function init(method: Method, options: RequestOptions): RequestInit {
  return {
    method,
    credentials: 'omit',
    cache: 'no-store',
    keepalive: options.keepalive ?? false,
    signal: AbortSignal.timeout(options.timeoutMs ?? 15_000),
    headers: {
      ...authorization(),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  }
}

/** Answers the body (undefined for 204); throws ApiError. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, init(method, options))
  } catch (error) {
    throw new ApiError('DAEMON_GONE', 'no answer', { cause: error })
  }
  if (!response.ok) {
    const error = await toError(response)
    if (error.code === 'NO_SESSION' && token !== undefined) onRefused()
    throw error
  }
  if (response.status === 204) return undefined as T
  try {
    return (await response.json()) as T
  } catch (error) {
    // Cut off in the middle, by a daemon that ended or a page that is being reloaded.
    throw new ApiError('DAEMON_GONE', 'no whole answer', { cause: error })
  }
}
