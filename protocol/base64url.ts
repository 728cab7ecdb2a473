/** Base64url (RFC 4648, section 5) without padding, as bytes stand in JSON. Beside the wall: only Node.js has it fast. */

import { WarrenError } from './errors.ts'

export const toBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')

/** Throws BAD_SHAPE for anything but the one spelling of some bytes. */
export function fromBase64url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw new WarrenError('BAD_SHAPE', 'not base64url')
  return new Uint8Array(bytes)
}
