/** Files between the page and the daemon: added as bytes with progress, asked for, taken back. */

import type { ApiErrorBody } from '../../protocol/http.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { ApiError } from './api-error.ts'
import { authorization, request } from './request.ts'

const one = (conversation: string, id: string): string =>
  `/conversations/${encodeURIComponent(conversation)}/attachments/${encodeURIComponent(id)}`

function errorOf(asked: XMLHttpRequest): ApiError {
  try {
    const { error } = JSON.parse(asked.responseText) as ApiErrorBody
    return new ApiError(error.code, error.message, { retryAfterMs: 0, details: error.details })
  } catch {
    return new ApiError('DAEMON_GONE', 'no whole answer')
  }
}

export interface Adding {
  /** Hears how many bytes are on their way so far. */
  readonly onProgress: (sent: number) => void
  readonly signal: AbortSignal
}

/** By XMLHttpRequest: fetch() tells nothing of what has gone out. Rejects with ApiError. */
export async function addFile(conversation: string, file: File, { onProgress, signal }: Adding): Promise<Attachment> {
  const query = new URLSearchParams({ conversation, name: file.name, type: file.type })
  return await new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest()
    const gone = (): void => reject(new ApiError('DAEMON_GONE', 'no answer'))
    asked.open('POST', `/api/v1/blobs?${query.toString()}`)
    for (const [name, value] of Object.entries(authorization())) asked.setRequestHeader(name, value)
    asked.setRequestHeader('content-type', 'application/octet-stream')
    asked.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded))
    asked.addEventListener('error', gone)
    asked.addEventListener('abort', gone)
    asked.addEventListener('load', () =>
      asked.status === 201 ? resolve(JSON.parse(asked.responseText) as Attachment) : reject(errorOf(asked)),
    )
    signal.addEventListener('abort', () => asked.abort(), { once: true })
    asked.send(file)
  })
}

export const filesApi = {
  attachment: async (conversation: string, id: string) => await request<Attachment>('GET', one(conversation, id)),
  fetch: async (conversation: string, id: string) =>
    await request<Attachment>('POST', `${one(conversation, id)}/fetch`, { body: {} }),
  cancel: async (conversation: string, id: string) => await request<void>('DELETE', one(conversation, id)),
}
