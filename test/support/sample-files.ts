/** Small files of every kind, made by hand: their heads are right, and nothing else of them is. */

import { deflateSync, crc32 } from 'node:zlib'

const be32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
const le32 = (value: number): number[] => be32(value).toReversed()
const ascii = (text: string): number[] => Array.from(text, (each) => each.charCodeAt(0))

const pngChunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  return Buffer.concat([Buffer.from(be32(data.length)), body, Buffer.from(be32(crc32(body)))])
}

/** A picture that a browser draws: of one colour, `#rrggbb`. */
export function pngOf(width: number, height: number, color = '#3366cc'): Buffer {
  const pixel = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
  const row = Buffer.from([0, ...Array.from({ length: width }, () => pixel).flat()])
  const head = Buffer.from([...be32(width), ...be32(height), 8, 2, 0, 0, 0])
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', head),
    pngChunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** The beginning of a PNG that says it is this large. */
export const pngHead = (width: number, height: number): Buffer =>
  Buffer.from([
    0x89,
    0x50,
    0x4e,
    0x47,
    0x0d,
    0x0a,
    0x1a,
    0x0a,
    0,
    0,
    0,
    13,
    ...ascii('IHDR'),
    ...be32(width),
    ...be32(height),
    8,
  ])

/** `orientation` as a camera notes it: 6 is upright, taken lying. */
export function jpegHead(width: number, height: number, orientation?: number): Buffer {
  const directory = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation ?? 1, 0, 0, 0]
  const exif = [...ascii('Exif'), 0, 0, ...directory]
  const about = orientation === undefined ? [] : [0xff, 0xe1, 0, exif.length + 2, ...exif]
  const frame = [
    0xff,
    0xc0,
    0,
    17,
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    3,
    ...Array.from({ length: 9 }, () => 0),
  ]
  return Buffer.from([0xff, 0xd8, ...about, 0xff, 0xdb, 0, 4, 0, 0, ...frame])
}

export const gifHead = (width: number, height: number): Buffer =>
  Buffer.from([...ascii('GIF89a'), width & 255, width >> 8, height & 255, height >> 8, 0, 0, 0])

export const webpHead = (width: number, height: number): Buffer =>
  Buffer.from(
    [...ascii('RIFF'), ...le32(30), ...ascii('WEBPVP8X'), ...le32(10), 0, 0, 0, 0].concat(
      le32(width - 1).slice(0, 3),
      le32(height - 1).slice(0, 3),
    ),
  )

export const avifHead = (width: number, height: number): Buffer =>
  Buffer.from([
    ...be32(24),
    ...ascii('ftypavif'),
    ...be32(0),
    ...ascii('avifmif1'),
    ...be32(20),
    ...ascii('ispe'),
    ...be32(0),
    ...be32(width),
    ...be32(height),
  ])

export const mp4Head = (brand = 'isom'): Buffer => Buffer.from([...be32(16), ...ascii(`ftyp${brand}`), ...be32(0)])
export const webmHead = Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84, ...ascii('webm')])
export const mp3Head = Buffer.from([...ascii('ID3'), 4, 0, 0, 0, 0, 0, 0])
export const oggHead = Buffer.from([...ascii('OggS'), ...Array.from({ length: 24 }, () => 0), ...ascii('OpusHead')])

/** A tone that a browser plays. */
export function wavOf(seconds: number): Buffer {
  const rate = 8000
  const samples = Buffer.alloc(rate * seconds)
  for (let at = 0; at < samples.length; at += 1) samples[at] = 128 + 60 * Math.sin((at * 440 * 2 * Math.PI) / rate)
  const format = [...le32(16), 1, 0, 1, 0, ...le32(rate), ...le32(rate), 1, 0, 8, 0]
  const head = [...ascii('RIFF'), ...le32(36 + samples.length), ...ascii('WAVEfmt '), ...format, ...ascii('data')]
  return Buffer.concat([Buffer.from([...head, ...le32(samples.length)]), samples])
}

/** What must never be shown in place: a browser would run it, or read it as a page. */
export const dangerous: Readonly<Record<string, Buffer>> = {
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>top.hit = 1</script></svg>'),
  html: Buffer.from('<!doctype html><script>top.hit = 1</script>'),
  pdf: Buffer.from('%PDF-1.7\n%âãÏÓ\n'),
  xml: Buffer.from('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>1</script></html>'),
  script: Buffer.from('top.hit = 1'),
  mkv: Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f, ...ascii('matroska')]),
  mov: mp4Head('qt  '),
  zip: Buffer.from('PK\u0003\u0004'),
  empty: Buffer.alloc(0),
}
