/** `warren:` links that let whoever holds them into a group, in at most 300 characters. */

import { concat, readUtf8, utf8 } from './bytes.ts'
import { boundedDevices, linkTypes, readDevices, readLink, writeLink, type LinkDevice } from './contact-link.ts'
import { WarrenError } from './errors.ts'
import { maxWallMs } from './hlc.ts'
import { conversationIdOf, entryIdOf, idBytes, type ConversationId, type EntryId } from './ids.ts'
import { limits } from './limits.ts'

export interface GroupLink {
  readonly conversation: ConversationId
  /** The operation that made the invite. */
  readonly invite: EntryId
  /** The seed of the invite's key, 32 bytes: never logged. */
  readonly secret: Uint8Array
  /** Epoch milliseconds; 0 is never. What the link says: the invite itself says what counts. */
  readonly expiresAt: number
  /** The group's name when the link was made; may be cut. */
  readonly name: string
  /** Devices of members, and where to reach them. */
  readonly devices: readonly LinkDevice[]
}

const wallBytes = 6

/** As many whole characters as fit. */
function cut(name: string): Uint8Array {
  let bytes = utf8('')
  for (const character of name) {
    const more = concat(bytes, utf8(character))
    if (more.length > limits.linkNameBytes) break
    bytes = more
  }
  return bytes
}

function wallValue(ms: number): Uint8Array {
  if (!Number.isInteger(ms) || ms < 0 || ms > maxWallMs) throw new WarrenError('BAD_SHAPE', 'not a time')
  return Uint8Array.from({ length: wallBytes }, (_, at) => Math.floor(ms / 256 ** (wallBytes - 1 - at)) % 256)
}

/** Writes a link; the last addresses, then the last devices, are left out where it would grow too long. Throws BAD_SHAPE. */
export function encodeGroupLink({ conversation, invite, secret, expiresAt, name, devices }: GroupLink): string {
  if (secret.length !== 32) throw new WarrenError('BAD_SHAPE', 'a secret has 32 bytes')
  const title = cut(name)
  const front = concat(
    Uint8Array.of(linkTypes.group),
    idBytes(conversation),
    idBytes(invite),
    secret,
    wallValue(expiresAt),
    Uint8Array.of(title.length),
    title,
  )
  return writeLink(front, boundedDevices(devices), limits.groupLinkBytes)
}

/** Reads a link; spaces around it are ignored. Throws BAD_LINK: also for a wrong checksum, as after a typing error. */
export const readGroupLink = (text: unknown): GroupLink =>
  readLink(text, 'group', (from) => {
    const conversation = conversationIdOf(from.take(32))
    const invite = entryIdOf(from.take(32))
    const secret = from.take(32)
    const expiresAt = from.take(wallBytes).reduce((ms, byte) => ms * 256 + byte, 0)
    const length = from.byte()
    if (length > limits.linkNameBytes) throw new WarrenError('BAD_LINK', 'the link holds a name that is too long')
    const name = readUtf8(from.take(length))
    return { conversation, invite, secret, expiresAt, name, devices: readDevices(from) }
  })
