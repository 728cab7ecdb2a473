/** Writes frames to a libp2p stream: what comes in one turn of the event loop in one or two writes, and no faster than the stream takes them. */

import type { Stream } from '@libp2p/interface'
import { WarrenError } from '../../protocol/errors.ts'
import { joinFrames } from './frame-bytes.ts'
import { StreamQueue, type TakeNext } from './stream-queue.ts'

/** Frames are joined up to about this size, so that a long queue does not become one huge buffer. */
const writeBytes = 256 * 1024

export class FrameWriter {
  readonly #queue: StreamQueue
  #scheduled = false
  /** Something was written in this turn of the event loop. */
  #busy = false

  constructor(stream: Stream) {
    this.#queue = new StreamQueue(stream, nextBatch)
  }

  /** Bytes that the stream has not taken. */
  get backlog(): number {
    return this.#queue.backlog
  }

  /** How often the stream was given something. */
  get taken(): number {
    return this.#queue.taken
  }

  /** Queues a frame; ignored once closed. */
  push(frame: Uint8Array): void {
    if (!this.#queue.add(frame) || this.#scheduled || this.#queue.isStuck) return
    this.#scheduled = true
    // The first frame after a quiet turn of the loop leaves at once; what follows in the same turn leaves in one write after it.
    if (this.#busy) return
    this.#busy = true
    queueMicrotask(this.#flush)
    setImmediate(this.#endTurn)
  }

  /** Resolves when the backlog is below `bytes`, or nothing more will be written. */
  async drained(bytes: number): Promise<void> {
    await this.#queue.drained(bytes)
  }

  /** Drops what is queued and ignores what comes. */
  stop(): void {
    this.#queue.stop()
  }

  readonly #endTurn = (): void => {
    this.#busy = false
    if (this.#scheduled) this.#flush()
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    this.#queue.flush()
  }
}

const nextBatch: TakeNext = (frames) => {
  let bytes = 0
  let count = 0
  for (const frame of frames) {
    if (count > 0 && bytes + frame.length > writeBytes) break
    bytes += frame.length
    count += 1
  }
  return { written: joinFrames(frames.splice(0, count)), bytes }
}

/** Sends one message on a short stream. Throws LINK_CLOSED if the stream is closed. */
export function sendMessage(stream: Stream, bytes: Uint8Array): void {
  try {
    stream.send(joinFrames([bytes]))
  } catch (cause) {
    throw new WarrenError('LINK_CLOSED', 'the peer closed the connection', { cause })
  }
}
