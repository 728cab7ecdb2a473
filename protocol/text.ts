/** UTF-8 in and out: the only file that touches TextEncoder and TextDecoder, which have no types behind this wall. */

import { WarrenError } from './errors.ts'

const encoder = new TextEncoder()
// ignoreBOM keeps a leading U+FEFF as the character that its author typed.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of `text`. Lone surrogates become U+FFFD, as everywhere on the web. */
export const encodeText = (text: string): Uint8Array => encoder.encode(text)

/** Writes the UTF-8 bytes of `text` into `into`, which has room for three bytes a character; returns their number. */
export const encodeTextInto = (text: string, into: Uint8Array): number => encoder.encodeInto(text, into).written

/** The text of UTF-8 bytes. Throws BAD_SHAPE for anything that is not the one spelling of a text. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not UTF-8', { cause })
  }
}
