/** Frames on the wire: a 4-byte big-endian length, then so many bytes. */

import { WarrenError } from '../../protocol/errors.ts'

const prefixBytes = 4

/** One buffer with every frame behind its length. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const frame of frames) length += prefixBytes + frame.length
  const out = new Uint8Array(length)
  const view = new DataView(out.buffer)
  let at = 0
  for (const frame of frames) {
    view.setUint32(at, frame.length)
    out.set(frame, at + prefixBytes)
    at += prefixBytes + frame.length
  }
  return out
}

/** Bytes that arrived and were not yet taken; taking what lies in one piece copies nothing. */
class Inflow {
  readonly #pieces: Uint8Array[] = []
  length = 0

  push(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.length += piece.length
  }

  /** Exactly `length` bytes, which must be there. */
  take(length: number): Uint8Array {
    this.length -= length
    const first = this.#pieces[0]
    if (first !== undefined && first.length >= length) {
      if (first.length === length) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(length)
      return first.subarray(0, length)
    }
    const out = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const piece = this.#pieces.shift() ?? new Uint8Array(0)
      const part = piece.subarray(0, length - at)
      out.set(part, at)
      at += part.length
      if (part.length < piece.length) this.#pieces.unshift(piece.subarray(part.length))
    }
    return out
  }
}

/**
 * Cuts pieces into frames. Throws TOO_LARGE as soon as a length over `most` is seen, BAD_SHAPE where the stream ends inside
 * a frame.
 */
export function splitFrames(most: number) {
  return async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const inflow = new Inflow()
    let wanted: number | undefined
    for await (const piece of pieces) {
      inflow.push(piece)
      while (inflow.length >= (wanted ?? prefixBytes)) {
        if (wanted === undefined) {
          const prefix = inflow.take(prefixBytes)
          wanted = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0)
          if (wanted > most) throw new WarrenError('TOO_LARGE', 'a frame is too long')
        } else {
          const frame = inflow.take(wanted)
          wanted = undefined
          yield frame
        }
      }
    }
    if (inflow.length > 0 || wanted !== undefined) throw new WarrenError('BAD_SHAPE', 'the stream ended inside a frame')
  }
}
