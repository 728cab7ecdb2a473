/** Where files can be fetched: an address counts for ten minutes, and stays the same meanwhile, so that no picture is loaded twice. */

import type { Attachment } from '../../protocol/http-files.ts'
import { filesApi } from '../client/files-api.ts'
import { saveFrom } from '../client/save-from.ts'
import { rememberShape } from './picture-shapes.ts'
import type { Preview } from './preview.ts'

interface Known {
  readonly url: string
  readonly until: number
}

/** A little less than what the daemon says. */
const countsMs = 9 * 60_000
const mostKnown = 500
const known = new Map<string, Known>()

const isOwn = (url: string): boolean => url.startsWith('blob:')

function drop(id: string): void {
  const { url = '' } = known.get(id) ?? {}
  if (isOwn(url)) URL.revokeObjectURL(url)
  known.delete(id)
}

function keep(id: string, address: Known): string {
  known.delete(id)
  known.set(id, address)
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) break
    drop(oldest)
  }
  return address.url
}

const keepFor = (id: string, url: string): string => keep(id, { url, until: Date.now() + countsMs })

/** A picture that went out from this page is shown from here as long as it is open. */
export function keepOwn(id: string, { url, width, height }: Preview): void {
  rememberShape(id, { width, height })
  keep(id, { url, until: Infinity })
}

/** What is known already, or told with the message; it may be too old, which freshAddress() mends. */
export function addressOf({ id, url = '' }: Pick<Attachment, 'id' | 'url'>): string {
  const found = known.get(id)
  return found !== undefined && found.until > Date.now() ? found.url : url === '' ? '' : keepFor(id, url)
}

/** Of the daemon. Rejects with ApiError. */
const askAddress = async (conversation: string, id: string): Promise<string> =>
  (await filesApi.attachment(conversation, id)).url ?? ''

/** Rejects with ApiError. */
export async function freshAddress(conversation: string, id: string): Promise<string> {
  const url = await askAddress(conversation, id)
  drop(id)
  return keepFor(id, url)
}

/** Lets the browser save a file. Rejects with ApiError. */
export async function saveAttachment(conversation: string, id: string): Promise<void> {
  saveFrom(`${await askAddress(conversation, id)}&download=1`)
}

/** Nothing of them counts behind a lock. */
export function forgetAddresses(): void {
  for (const id of known.keys()) drop(id)
}
