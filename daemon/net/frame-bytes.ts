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

/** Pieces shorter than this are put together: a peer may send a frame byte by byte, and each piece costs more than itself. */
const shortBytes = 1024
const blockBytes = 16 * 1024

/** Bytes that arrived and were not yet taken; taking what lies in one long piece copies nothing. */
class Inflow {
  #pieces: Uint8Array[] = []
  /** How many of `#pieces` were taken: removing the first of many would move all others. */
  #taken = 0
  /** Own memory, of which `#pieces` holds the first `#filled` bytes as its last piece or pieces. */
  #block = new Uint8Array(0)
  #filled = 0
  #growing = false
  length = 0

  push(piece: Uint8Array): void {
    this.length += piece.length
    if (piece.length >= shortBytes) {
      this.#pieces.push(piece)
      this.#growing = false
      return
    }
    if (this.#filled + piece.length > this.#block.length) {
      this.#block = new Uint8Array(blockBytes)
      this.#filled = 0
      this.#growing = false
    }
    this.#block.set(piece, this.#filled)
    const last = this.#pieces.at(-1)
    const isLast = this.#growing && last !== undefined && this.#taken < this.#pieces.length
    const from = isLast ? this.#filled - last.length : this.#filled
    this.#filled += piece.length
    const whole = this.#block.subarray(from, this.#filled)
    if (isLast) this.#pieces[this.#pieces.length - 1] = whole
    else this.#pieces.push(whole)
    this.#growing = true
  }

  /** Exactly `length` bytes, which must be there. `memory`: for those that lie in several pieces, as much as there are. */
  take(length: number, memory?: Uint8Array): Uint8Array {
    this.length -= length
    const first = this.#pieces[this.#taken]
    if (first !== undefined && first.length >= length) {
      this.#drop(first, length)
      return first.subarray(0, length)
    }
    const out = memory?.subarray(0, length) ?? new Uint8Array(length)
    for (let at = 0; at < length;) {
      const piece = this.#pieces[this.#taken] ?? new Uint8Array(0)
      const part = piece.subarray(0, length - at)
      out.set(part, at)
      at += part.length
      this.#drop(piece, part.length)
    }
    return out
  }

  /** The first `length` bytes of the first piece are taken. */
  #drop(piece: Uint8Array, length: number): void {
    if (length < piece.length) {
      this.#pieces[this.#taken] = piece.subarray(length)
      return
    }
    this.#taken += 1
    if (this.#taken === this.#pieces.length) {
      this.#pieces.length = 0
      this.#taken = 0
    } else if (this.#taken > 1024 && this.#taken * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#taken)
      this.#taken = 0
    }
  }
}

/** Where the splitter stands. */
export class Progress {
  /** Frames that came out whole. */
  whole = 0
  /** A part of a frame is here. */
  isWithin = false
}

export interface SplitOptions {
  /** A frame is of no use any more once the next one is asked for: what lies in several pieces is put together where the one before was. */
  readonly isPassing?: boolean
}

/**
 * Cuts pieces into frames. Throws TOO_LARGE as soon as a length over `most` is seen, BAD_SHAPE where the stream ends inside
 * a frame.
 */
export function splitFrames(
  most: number,
  progress: Progress = new Progress(),
  { isPassing = false }: SplitOptions = {},
) {
  return async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const inflow = new Inflow()
    let wanted: number | undefined
    let memory: Uint8Array | undefined
    for await (const piece of pieces) {
      inflow.push(piece)
      while (inflow.length >= (wanted ?? prefixBytes)) {
        if (wanted === undefined) {
          const prefix = inflow.take(prefixBytes)
          wanted = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0)
          if (wanted > most) throw new WarrenError('TOO_LARGE', 'a frame is too long')
        } else {
          if (isPassing && wanted >= shortBytes) memory ??= new Uint8Array(most)
          const frame = inflow.take(wanted, memory)
          wanted = undefined
          progress.whole += 1
          yield frame
        }
      }
      progress.isWithin = inflow.length > 0 || wanted !== undefined
    }
    if (inflow.length > 0 || wanted !== undefined) throw new WarrenError('BAD_SHAPE', 'the stream ended inside a frame')
  }
}
