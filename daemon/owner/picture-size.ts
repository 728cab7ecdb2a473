/** How large a picture is, as its head says: so that a page keeps its place before it is there. */

import type { PictureType } from './media-type.ts'

export interface PictureSize {
  readonly width: number
  readonly height: number
}

type Read = (view: DataView) => PictureSize | undefined

const ascii = (view: DataView, at: number, length: number): string =>
  Array.from({ length }, (_, each) => String.fromCharCode(view.getUint8(at + each))).join('')

const png: Read = (view) => ({ width: view.getUint32(16), height: view.getUint32(20) })

const gif: Read = (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) })

const uint24 = (view: DataView, at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536

const webp: Read = (view) => {
  const chunk = ascii(view, 12, 4)
  if (chunk === 'VP8X') return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) }
  if (chunk === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  if (chunk !== 'VP8L') return undefined
  const bits = view.getUint32(21, true)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}

/** The largest property `ispe`: smaller ones are of tiles and of what is shown for transparency. */
const avif: Read = (view) => {
  let found: PictureSize | undefined
  for (let at = 0; at + 16 <= view.byteLength && at < 16 * 1024; at += 1) {
    if (view.getUint32(at) !== 0x69737065) continue // 'ispe'
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) }
    if (found === undefined || size.width * size.height > found.width * found.height) found = size
  }
  return found
}

/** Whether the camera was held upright or lay on its side: tag 0x0112 of the first directory (Exif 2.3, 4.6.2). */
function liesOnSide(view: DataView, from: number, end: number): boolean {
  if (from + 14 > end || ascii(view, from, 4) !== 'Exif') return false
  const tiff = from + 6
  const isLittle = view.getUint16(tiff) === 0x4949
  const directory = tiff + view.getUint32(tiff + 4, isLittle)
  if (directory + 2 > end) return false
  const count = view.getUint16(directory, isLittle)
  for (let each = 0; each < count; each += 1) {
    const at = directory + 2 + each * 12
    if (at + 12 > end) return false
    if (view.getUint16(at, isLittle) === 0x0112) return view.getUint16(at + 8, isLittle) >= 5
  }
  return false
}

/** Segments, up to the one that begins the frame (ITU T.81, B.2.2). */
const jpeg: Read = (view) => {
  let isTurned = false
  for (let at = 2; at + 9 < view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return undefined
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1 // fill
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return isTurned ? { width: height, height: width } : { width, height }
    }
    const length = view.getUint16(at + 2)
    if (marker === 0xe1) isTurned ||= liesOnSide(view, at + 4, Math.min(view.byteLength, at + 2 + length))
    at += 2 + Math.max(2, length)
  }
  return undefined
}

const readers: Readonly<Record<PictureType, Read>> = {
  'image/avif': avif,
  'image/gif': gif,
  'image/jpeg': jpeg,
  'image/png': png,
  'image/webp': webp,
}

/** Undefined where the head is cut short, wrong, or says nothing of it. */
export function pictureSize(type: PictureType, head: Uint8Array): PictureSize | undefined {
  try {
    const size = readers[type](new DataView(head.buffer, head.byteOffset, head.byteLength))
    return size === undefined || size.width === 0 || size.height === 0 ? undefined : size
  } catch (error) {
    // Behind the end of the head.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
