/** The order key of a message: a text that sorts as messages stand on screen, and that the API uses as its cursor. */

import { toBase32 } from './bytes.ts'
import { WarrenError } from './errors.ts'
import { hlcText, type Hlc } from './hlc.ts'
import { deviceBytes, deviceIdOf, generationOf, idBytes } from './ids.ts'
import type { ReadPosition } from './register.ts'

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const unhex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

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
