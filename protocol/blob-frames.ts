/** Frames of `/warren/blob/1`: CBOR arrays behind a 4-byte big-endian length, the first item saying which. */

import { CborReader } from './cbor-reader.ts'
import { decode, encode, readArray, readBytes, readBytesUpTo, readUint, type Value } from './codec.ts'
import { WarrenError } from './errors.ts'
import { blobIdOf, idBytes, scopeOf, type BlobId, type Scope } from './ids.ts'
import { limits } from './limits.ts'

export type BlobFrame =
  /** Asks for the hashes of chunks from number `from` on, of a blob that is referred to in `scope`. */
  | { readonly is: 'ask-list'; readonly scope: Scope; readonly blob: BlobId; readonly from: number }
  /** `hashes` is 32 bytes a chunk; `count` is the number of chunks in all. */
  | { readonly is: 'list'; readonly count: number; readonly from: number; readonly hashes: Uint8Array }
  /** Asks for chunks, both ends included. */
  | { readonly is: 'ask'; readonly scope: Scope; readonly blob: BlobId; readonly from: number; readonly to: number }
  | { readonly is: 'chunk'; readonly number: number; readonly bytes: Uint8Array }
  /** `blobRefusals`: of what is unknown and of what is not for the asker alike. */
  | { readonly is: 'refuse'; readonly code: number }
  | { readonly is: 'unknown'; readonly type: number }

export const blobRefusals = { unknown: 0, busy: 1 } as const

const types = { 'ask-list': 0, list: 1, ask: 2, chunk: 3, refuse: 4 } as const
const sealedChunkBytes = limits.chunkBytes + 16
const mostChunk = 2 ** 32 - 1

function frameValue(frame: Exclude<BlobFrame, { is: 'unknown' }>): Value {
  const type = types[frame.is]
  if (frame.is === 'ask-list') return [type, idBytes(frame.scope), idBytes(frame.blob), frame.from]
  if (frame.is === 'ask') return [type, idBytes(frame.scope), idBytes(frame.blob), frame.from, frame.to]
  if (frame.is === 'list') return [type, frame.count, frame.from, frame.hashes]
  return frame.is === 'chunk' ? [type, frame.number, frame.bytes] : [type, frame.code]
}

export const encodeBlobFrame = (frame: Exclude<BlobFrame, { is: 'unknown' }>): Uint8Array => encode(frameValue(frame))

/** What stands before the bytes of a chunk, in the same encoding: a chunk is too long to be copied more often than it must. */
export function chunkFrameHead(number: number, length: number): Uint8Array {
  const bare = encode([types.chunk, number])
  const head = new Uint8Array(bare.length + 5)
  head.set(bare)
  head[0] = 0x83
  if (length < 24) return head.subarray(0, put(head, bare.length, 0x40 + length))
  if (length < 2 ** 8) return head.subarray(0, put(head, bare.length, 0x58, length))
  if (length < 2 ** 16) return head.subarray(0, put(head, bare.length, 0x59, length >> 8, length))
  return head.subarray(0, put(head, bare.length, 0x5a, length >>> 24, length >> 16, length >> 8, length))
}

const prefixBytes = 4

/** Frames of whole chunks that follow each other, each behind its length, in memory of their own: a chunk is read to where it leaves from. */
export class ChunkFrames {
  /** The number of the first. */
  readonly from: number
  readonly bytes: Uint8Array
  /** Where the sealed bytes of each belong: to be filled before they are sent, and left alone after. */
  readonly places: readonly Uint8Array[]

  /** `count`: at least 1, at most limits.askChunks. */
  constructor(from: number, count: number) {
    const heads = Array.from({ length: count }, (_, at) => chunkFrameHead(from + at, sealedChunkBytes))
    const length = heads.reduce((sum, head) => sum + prefixBytes + head.length + sealedChunkBytes, 0)
    const bytes = new Uint8Array(length)
    const view = new DataView(bytes.buffer)
    let end = 0
    this.from = from
    this.bytes = bytes
    this.places = heads.map((head) => {
      view.setUint32(end, head.length + sealedChunkBytes)
      bytes.set(head, end + prefixBytes)
      const start = end + prefixBytes + head.length
      end = start + sealedChunkBytes
      return bytes.subarray(start, end)
    })
  }
}

function put(into: Uint8Array, at: number, ...bytes: readonly number[]): number {
  into.set(bytes, at)
  return at + bytes.length
}

/** A chunk as chunkFrameHead() begins it; its bytes are a view. Undefined for anything else. */
function readChunk(bytes: Uint8Array): BlobFrame | undefined {
  if (bytes[0] !== 0x83 || bytes[1] !== types.chunk) return undefined
  const from = new CborReader(bytes)
  from.array()
  from.uint()
  const number = from.uint()
  const piece = from.piece()
  from.end()
  if (number > mostChunk) throw new WarrenError('BAD_SHAPE', 'not the number of a chunk')
  if (piece.length > sealedChunkBytes) throw new WarrenError('TOO_LARGE', 'a chunk is too long')
  return { is: 'chunk', number, bytes: piece }
}

const readBlob = (f: readonly Value[]): { scope: Scope; blob: BlobId; from: number } => ({
  scope: scopeOf(readBytes(f[1], 32)),
  blob: blobIdOf(readBytes(f[2], 32)),
  from: readUint(f[3], mostChunk),
})

function readHashes(value: Value | undefined): Uint8Array {
  const hashes = readBytesUpTo(value, limits.chunkHashes * 32)
  if (hashes.length % 32 !== 0) throw new WarrenError('BAD_SHAPE', 'not whole hashes')
  return hashes
}

/** Reads a frame from a peer, without its length prefix. Throws BAD_SHAPE, TOO_LARGE. */
export function readBlobFrame(bytes: Uint8Array): BlobFrame {
  if (bytes.length > limits.blobFrameBytes) throw new WarrenError('TOO_LARGE', 'a frame is too long')
  const chunk = readChunk(bytes)
  if (chunk !== undefined) return chunk
  const f = readArray(decode(bytes), 1)
  const type = readUint(f[0], 65_535)
  switch (type) {
    case types['ask-list']:
      return { is: 'ask-list', ...readBlob(f) }
    case types.ask: {
      const { scope, blob, from } = readBlob(f)
      const to = readUint(f[4], mostChunk)
      if (to < from) throw new WarrenError('BAD_SHAPE', 'chunks that run backwards')
      return { is: 'ask', scope, blob, from, to }
    }
    case types.list:
      return { is: 'list', count: readUint(f[1], mostChunk), from: readUint(f[2], mostChunk), hashes: readHashes(f[3]) }
    case types.chunk:
      return { is: 'chunk', number: readUint(f[1], mostChunk), bytes: readBytesUpTo(f[2], sealedChunkBytes) }
    case types.refuse:
      return { is: 'refuse', code: readUint(f[1], 65_535) }
    default:
      return { is: 'unknown', type }
  }
}
