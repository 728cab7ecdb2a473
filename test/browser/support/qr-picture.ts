/** QR codes as a camera or a file brings them. */

import { deflateSync, crc32 } from 'node:zlib'
import { encodeQR } from 'qr'

/** Grey values of a code in the middle of a white picture. */
function draw(text: string, width: number, height: number): Uint8Array {
  const modules = encodeQR(text, 'raw', { border: 4 })
  const scale = Math.floor(Math.min(width, height) / modules.length)
  const [left, top] = [width, height].map((each) => Math.floor((each - modules.length * scale) / 2))
  const grey = new Uint8Array(width * height).fill(235)
  for (const [y, row] of modules.entries()) {
    for (const [x, isDark] of row.entries()) {
      if (!isDark) continue
      for (let line = 0; line < scale; line += 1) {
        const at = ((top ?? 0) + y * scale + line) * width + (left ?? 0) + x * scale
        grey.fill(20, at, at + scale)
      }
    }
  }
  return grey
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A PNG file (RFC 2083: 8-bit greyscale, no filter). */
export function qrPicture(text: string, width = 600, height = 450): Buffer {
  const grey = draw(text, width, height)
  const lines = Array.from({ length: height }, (_, y) => [0, ...grey.subarray(y * width, (y + 1) * width)])
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = deflateSync(Buffer.from(lines.flat()))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** A Y4M film of one frame, which Chromium’s fake camera shows over and over. */
function film(grey: Uint8Array, width = 640, height = 480): Buffer {
  const colours = Buffer.alloc((width * height) / 2, 128)
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420\n`, 'latin1')
  return Buffer.concat([head, Buffer.from('FRAME\n', 'latin1'), grey, colours])
}

export const qrFilm = (text: string): Buffer => film(draw(text, 640, 480))

/** Of a wall: whoever reads it goes on reading. */
export const emptyFilm = (): Buffer => film(new Uint8Array(640 * 480).fill(235))
