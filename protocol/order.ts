/** The order key of a message: a text that sorts as messages stand on screen, and that the API uses as its cursor. */

import { toBase32 } from './bytes.ts'
import { WarrenError } from './errors.ts'
import { hlcText, type Hlc } from './hlc.ts'
import { deviceBytes, deviceIdOf, generationOf, idBytes } from './ids.ts'
import type { ReadPosition } from './register.ts'

// Spelt and read for each message that is shown, by hand: `toHex()` and `fromHex()` are not in every browser yet.
const spelt = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const hex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += spelt[byte] ?? ''
  return text
}
const digit = (code: number): number => (code < 0x3a ? code - 0x30 : code - 0x57)
/** Of lower-case digits alone. */
const unhex = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length / 2)
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = digit(text.charCodeAt(2 * at)) * 16 + digit(text.charCodeAt(2 * at + 1))
  return bytes
}

/** 16 + 64 + 16 + 14 hex digits: (HLC, device, generation, seq). */
export const orderKey = (p: ReadPosition): string =>
  hlcText(p.hlc) + hex(deviceBytes(p.device)) + hex(idBytes(p.generation)) + p.seq.toString(16).padStart(14, '0')

/** Reads an order key. Throws BAD_SHAPE. */
export function readOrderKey(text: unknown): ReadPosition {
  if (typeof text !== 'string' || !/^[0-9a-f]{110}$/.test(text)) throw new WarrenError('BAD_SHAPE', 'not an order key')
  const hlc: Hlc = { wallMs: Number.parseInt(text.slice(0, 12), 16), count: Number.parseInt(text.slice(12, 16), 16) }
  const seq = Number.parseInt(text.slice(96), 16)
  if (!Number.isSafeInteger(seq)) throw new WarrenError('BAD_SHAPE', 'not an order key')
  return {
    hlc,
    device: deviceIdOf(unhex(text.slice(16, 80))),
    generation: generationOf(unhex(text.slice(80, 96))),
    seq,
  }
}

/** `base32` of the name of a feed inside its conversation, as in `Message.feed`. */
export const feedText = (p: Pick<ReadPosition, 'device' | 'generation'>): string =>
  `${toBase32(deviceBytes(p.device)).slice(0, 16)}.${p.generation}`
