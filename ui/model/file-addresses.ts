/** Where files can be fetched: an address counts for ten minutes, and stays the same meanwhile, so that no picture is loaded twice. */

import type { Attachment } from '../../protocol/http-files.ts'
import { filesApi } from '../client/files-api.ts'
import { saveFrom } from '../client/save-from.ts'

interface Known {
  readonly url: string
  readonly until: number
}

/** A little less than what the daemon says. */
const countsMs = 9 * 60_000
const mostKnown = 500
const known = new Map<string, Known>()

function keep(id: string, url: string): string {
  known.delete(id)
  known.set(id, { url, until: Date.now() + countsMs })
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) break
    known.delete(oldest)
  }
  return url
}

/** What is known already, or told with the message; it may be too old, which freshAddress() mends. */
export function addressOf({ id, url = '' }: Pick<Attachment, 'id' | 'url'>): string {
  const found = known.get(id)
  return found !== undefined && found.until > Date.now() ? found.url : url === '' ? '' : keep(id, url)
}

/** Rejects with ApiError. */
export async function freshAddress(conversation: string, id: string): Promise<string> {
  return keep(id, (await filesApi.attachment(conversation, id)).url ?? '')
}

/** Lets the browser save a file. Rejects with ApiError. */
export async function saveAttachment(conversation: string, id: string): Promise<void> {
  saveFrom(`${await freshAddress(conversation, id)}&download=1`)
}

/** Nothing of them counts behind a lock. */
export const forgetAddresses = (): void => known.clear()
