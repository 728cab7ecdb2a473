/** What an exported entry says, opened with what came along with it. */

import { contentTypes, readContent, readErase } from './content.ts'
import { readAttachments } from './content-bodies.ts'
import { checkPayload, entryVersion, kinds, type SealedHeader } from './entry.ts'
import { openPayloadAlone } from './epoch.ts'
import { WarrenError } from './errors.ts'
import { bytesOf, type Fields } from './export-fields.ts'
import type { EntryId } from './ids.ts'
import { bareKinds, isBareKind, type ExportedBody, type Said } from './export-format.ts'

/** What a message's plaintext shows. Throws BAD_SHAPE, TOO_LARGE. */
export function saidIn(plain: Uint8Array): Said {
  const content = readContent(plain)
  const { text, type, version } = content
  const isKnown = (type === contentTypes.text || type === contentTypes.attachments) && version <= 1
  const files = isKnown && type === contentTypes.attachments ? readAttachments(content) : []
  return { text, files, newer: !isKnown }
}

/** What an erase takes back; nothing if it cannot be read. */
export function erasedBy(payload: Uint8Array): EntryId[] {
  try {
    return readErase(payload)
  } catch (error) {
    if (error instanceof WarrenError) return []
    throw error
  }
}

const otherKind = (): WarrenError =>
  new WarrenError('BAD_HASH', 'an entry is said to be of another kind than its author made it')

/** Throws BAD_HASH, CANNOT_DECRYPT, BAD_SHAPE. */
export function readBody(is: string, fields: Fields, sealed: SealedHeader): ExportedBody {
  const bare = bareKinds.find((each) => each === is)
  if (bare !== undefined) {
    if (!isBareKind(sealed, bare)) throw otherKind()
    return { is: bare }
  }
  const { kind, version, lifetime } = sealed.header
  const payload = bytesOf(fields, 'payload')
  checkPayload(sealed, payload)
  if (version !== entryVersion) throw otherKind()
  if (is === 'close' && kind === kinds.closeGeneration) return { is, payload }
  if (is === 'erase' && kind === kinds.erase) return { is, payload, entries: erasedBy(payload) }
  if (is !== 'message' || kind !== kinds.content || lifetime > 0) throw otherKind()
  const key = bytesOf(fields, 'key')
  return { is, payload, key, said: saidIn(openPayloadAlone(key, sealed, payload)) }
}
