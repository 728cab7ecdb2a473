/** Files as they are drawn: those of a message, and those that are still on their way to the daemon. */

import type { Attachment } from '../../protocol/http-files.ts'
import type { ApiErrorCode } from '../client/api-error.ts'
import { uploadsOf, type Upload } from './uploads.ts'

/** How far it is on its way to the daemon. */
export interface Going {
  readonly key: string
  readonly sent: number
  readonly code: ApiErrorCode | undefined
}

export interface ShownFile extends Attachment {
  readonly going?: Going
}

function shown({ key, name, type, size, sent, code, preview, file }: Upload): ShownFile {
  const seen = preview && { shows: 'picture' as const, width: preview.width, height: preview.height, url: preview.url }
  if (file !== undefined) return { ...file, ...seen }
  return { id: key, name, type, size, state: 'whole', held: size, ...seen, going: { key, sent, code } }
}

export const uploadsShown = (keys: readonly string[]): ShownFile[] => uploadsOf(keys).map(shown)

/** What it is as far as anybody knows: by its first bytes, and until they are here by what its sender says. */
export function kindOf({ shows, type, state }: Attachment): Attachment['shows'] {
  if (shows !== undefined || state === 'whole') return shows
  if (type.startsWith('image/') && !type.startsWith('image/svg')) return 'picture'
  return type.startsWith('video/') ? 'video' : type.startsWith('audio/') ? 'audio' : undefined
}

/** It has a place of its own in the list, and is no card. */
export const isSeen = (file: Attachment): boolean => kindOf(file) !== undefined
