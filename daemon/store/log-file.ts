/** A log of LevelDB (doc/log_format.md there), read without LevelDB: the rows of every write in it that is whole. */

import { crc32c, masked } from './checksum.ts'
import type { FoundRow } from './table-file.ts'

const blockBytes = 32 * 1024
const headBytes = 7
const pieces = { whole: 1, first: 2, middle: 3, last: 4 } as const
const batchHeadBytes = 12

/** In the order in which they were written. */
export function* rowsOfLog(bytes: Uint8Array): Generator<FoundRow, void> {
  for (const record of recordsOf(bytes)) yield* rowsOfBatch(record)
}

/** What was written at a time, whole. LevelDB's list of files has the same form. */
export function* recordsOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let begun: Uint8Array[] | undefined
  for (let at = 0; at + headBytes <= bytes.length;) {
    const left = blockBytes - (at % blockBytes)
    const from = at + headBytes
    const to = from + (left < headBytes ? 0 : view.getUint16(at + 4, true))
    const isHere = left >= headBytes && to <= bytes.length && to - at <= left
    if (!isHere || masked(crc32c(bytes, from - 1, to)) !== view.getUint32(at, true)) {
      // Its length cannot be trusted: what follows in this block is lost with it.
      if (left >= headBytes) begun = undefined
      at += left
      continue
    }
    const piece = bytes.subarray(from, to)
    const kind = bytes[at + 6]
    if (kind === pieces.whole) yield piece
    if (kind === pieces.first) begun = [piece]
    else begun?.push(piece)
    if (kind === pieces.last && begun !== undefined) yield Buffer.concat(begun)
    if (kind === pieces.whole || kind === pieces.last) begun = undefined
    at = to
  }
}

function* rowsOfBatch(batch: Uint8Array): Generator<FoundRow, void> {
  if (batch.length < batchHeadBytes) return
  let sequence = Number(new DataView(batch.buffer, batch.byteOffset).getBigUint64(0, true))
  let at = batchHeadBytes
  const take = (): Uint8Array | undefined => {
    let length = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = batch[at]
      if (byte === undefined) return undefined
      at += 1
      length += (byte & 127) * scale
      if (byte < 128) break
    }
    const taken = batch.subarray(at, at + length)
    at += length
    return taken.length === length ? taken : undefined
  }
  for (; at < batch.length; sequence += 1) {
    const isPut = batch[at] === 1
    at += 1
    const key = take()
    const value = isPut ? take() : undefined
    if (key === undefined || (isPut && value === undefined)) return
    yield { key, value, sequence, isSure: true }
  }
}
