/** One block of a LevelDB table (doc/table_format.md there), read without LevelDB: as much of it as still hangs together. */

import { crc32c, masked } from './checksum.ts'

export interface BlockHandle {
  readonly offset: number
  /** Without the five bytes behind it: how it is compressed, and its checksum. */
  readonly size: number
}

export interface BlockEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export const trailerBytes = 5
/** Of a key where it is not shortened: in every data block. */
const usualRestart = 16

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** A number of up to 32 bits; undefined where there is none. */
function readVarint(cursor: Cursor): number | undefined {
  let value = 0
  for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) return undefined
    cursor.at += 1
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
  return undefined
}

const uint32 = (bytes: Uint8Array, at: number): number =>
  at < 0 || at + 4 > bytes.length ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)

/** Undefined unless `bytes` begins with one. */
export function readHandle(bytes: Uint8Array, from = 0): (BlockHandle & { readonly end: number }) | undefined {
  const cursor = { bytes, at: from }
  const offset = readVarint(cursor)
  const size = readVarint(cursor)
  return offset === undefined || size === undefined ? undefined : { offset, size, end: cursor.at }
}

/** Whether a block is as it was written, and not compressed, which no database of Warren is. */
export function isWholeBlock(bytes: Uint8Array, { offset, size }: BlockHandle): boolean {
  const end = offset + size
  if (end + trailerBytes > bytes.length || bytes[end] !== 0) return false
  return masked(crc32c(bytes, offset, end + 1)) === uint32(bytes, end + 1)
}

/** Reads entries from the cursor up to `end`; undefined where they do not end exactly there. */
function readEntries(cursor: Cursor, end: number): BlockEntry[] | undefined {
  const entries: BlockEntry[] = []
  let key = new Uint8Array(0)
  while (cursor.at < end) {
    const entry = readEntry(cursor, key)
    if (entry === undefined || cursor.at > end) return undefined
    entries.push(entry)
    key = entry.key
  }
  return entries
}

function readEntry(cursor: Cursor, before: Uint8Array): (BlockEntry & { key: Uint8Array<ArrayBuffer> }) | undefined {
  const shared = readVarint(cursor)
  const keyLength = readVarint(cursor)
  const valueLength = readVarint(cursor)
  if (shared === undefined || keyLength === undefined || valueLength === undefined) return undefined
  const { bytes, at } = cursor
  cursor.at = at + keyLength + valueLength
  if (shared > before.length || cursor.at > bytes.length) return undefined
  const key = new Uint8Array(shared + keyLength)
  key.set(before.subarray(0, shared))
  key.set(bytes.subarray(at, at + keyLength), shared)
  return { key, value: bytes.subarray(at + keyLength, cursor.at) }
}

/** The entries of a block whose place is known: those between two restarts where something does not fit are left out. */
export function entriesOf(bytes: Uint8Array, { offset, size }: BlockHandle): BlockEntry[] {
  const restarts = uint32(bytes, offset + size - 4)
  const end = offset + size - 4 * (restarts + 1)
  if (restarts < 1 || end < offset || offset + size > bytes.length) return []
  const found: BlockEntry[] = []
  for (let group = 0; group < restarts; group += 1) {
    const from = offset + uint32(bytes, end + 4 * group)
    const to = group === restarts - 1 ? end : offset + uint32(bytes, end + 4 * (group + 1))
    if (from < offset || to > end || to < from) continue
    found.push(...(readEntries({ bytes, at: from }, to) ?? []))
  }
  return found
}

/** A whole block that begins at `offset`, found by nothing but its own bytes. */
export function findBlock(bytes: Uint8Array, offset: number): BlockHandle | undefined {
  const cursor = { bytes, at: offset }
  let key = new Uint8Array(0)
  for (let count = 0; ; count += 1) {
    // The first restart is at 0, and no entry begins with four such bytes: it would have no key.
    if (uint32(bytes, cursor.at) === 0) {
      for (const restarts of [Math.max(1, Math.ceil(count / usualRestart)), Math.max(1, count)]) {
        const size = cursor.at - offset + 4 * (restarts + 1)
        if (uint32(bytes, cursor.at + 4 * restarts) === restarts && isWholeBlock(bytes, { offset, size }))
          return { offset, size }
      }
      return undefined
    }
    const entry = readEntry(cursor, key)
    if (entry === undefined || entry.key.length === 0) return undefined
    key = entry.key
  }
}
