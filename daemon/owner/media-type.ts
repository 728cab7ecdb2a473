/** What a file is by its first bytes, whatever its sender calls it: of a short list of kinds that a browser shows without running anything. */

import { pictureSize, type PictureSize } from './picture-size.ts'

export interface Media {
  readonly shows: 'picture' | 'video' | 'audio'
  readonly type: string
  /** Of a picture whose head says it. */
  readonly size?: PictureSize
}

/** Bytes that are enough to know: the head of a photograph may hold a small picture and more. */
export const mediaHeadBytes = 256 * 1024

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)))

const begins = (bytes: Uint8Array, ...start: readonly number[]): boolean =>
  bytes.length >= start.length && start.every((each, at) => bytes[at] === each)

const pictureTypes = ['image/avif', 'image/gif', 'image/jpeg', 'image/png', 'image/webp'] as const
export type PictureType = (typeof pictureTypes)[number]

/** Movies of ISO 14496-12 begin with the brands that they keep to. */
const movieBrands: ReadonlySet<string> = new Set([
  'avc1',
  'dash',
  'iso2',
  'iso4',
  'iso5',
  'iso6',
  'isom',
  'M4V ',
  'mp41',
  'mp42',
  'mp71',
  'MSNV',
])

function boxed(bytes: Uint8Array): string | undefined {
  if (ascii(bytes, 4, 8) !== 'ftyp') return undefined
  const brand = ascii(bytes, 8, 12)
  if (brand === 'avif' || brand === 'avis') return 'image/avif'
  if (brand === 'M4A ' || brand === 'M4B ') return 'audio/mp4'
  return movieBrands.has(brand) ? 'video/mp4' : undefined
}

function riff(bytes: Uint8Array): string | undefined {
  if (ascii(bytes, 0, 4) !== 'RIFF') return undefined
  const form = ascii(bytes, 8, 12)
  if (form === 'WEBP') return 'image/webp'
  return form === 'WAVE' ? 'audio/wav' : undefined
}

const soundCodecs = ['OpusHead', '\u0001vorbis', '\u007fFLAC']

/** Matroska says in its head that it is WebM; Ogg names its codec in its first page. */
function named(bytes: Uint8Array): string | undefined {
  if (begins(bytes, 0x1a, 0x45, 0xdf, 0xa3)) return ascii(bytes, 0, 64).includes('webm') ? 'video/webm' : undefined
  if (ascii(bytes, 0, 4) !== 'OggS') return undefined
  const page = ascii(bytes, 0, 64)
  return soundCodecs.some((codec) => page.includes(codec)) ? 'audio/ogg' : undefined
}

function typeOf(bytes: Uint8Array): string | undefined {
  if (begins(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (begins(bytes, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'image/gif'
  if (begins(bytes, 0xff, 0xfb) || begins(bytes, 0xff, 0xf3) || begins(bytes, 0xff, 0xf2)) return 'audio/mpeg'
  if (ascii(bytes, 0, 3) === 'ID3') return 'audio/mpeg'
  return riff(bytes) ?? boxed(bytes) ?? named(bytes)
}

/** `head`: as much of the file as there is, up to mediaHeadBytes. Undefined for what is not on the list. */
export function mediaOf(head: Uint8Array): Media | undefined {
  const type = typeOf(head)
  if (type === undefined) return undefined
  const picture = pictureTypes.find((each) => each === type)
  if (picture === undefined) return { shows: type.startsWith('video/') ? 'video' : 'audio', type }
  const size = pictureSize(picture, head)
  return { shows: 'picture', type, ...(size === undefined ? {} : { size }) }
}
