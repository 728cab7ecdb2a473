/** Writes frames to a libp2p stream: what comes in one turn of the event loop in one or two writes, and no faster than the stream takes them. */

import type { Stream } from '@libp2p/interface'
import { WarrenError } from '../../protocol/errors.ts'
import { joinFrames } from './frame-bytes.ts'

/** Frames are joined up to about this size, so that a long queue does not become one huge buffer. */
const writeBytes = 256 * 1024

export class FrameWriter {
  readonly #stream: Stream
  #frames: Uint8Array[] = []
  #queued = 0
  /** Bytes of the last write while the stream has not taken them all. */
  #stuck = 0
  /** How often the stream took something. */
  taken = 0
  #scheduled = false
  /** Something was written in this turn of the event loop. */
  #busy = false
  #closed = false
  #waiting: { below: number; resolve: () => void }[] = []

  constructor(stream: Stream) {
    this.#stream = stream
    // Not stream.onDrain(): its promise is made once and stays resolved, after which nothing holds a writer back.
    stream.addEventListener('drain', this.#onDrain)
    stream.addEventListener('close', this.#onClose)
  }

  /** Bytes that the stream has not taken. */
  get backlog(): number {
    return this.#queued + this.#stuck
  }

  /** Queues a frame; ignored once closed. */
  push(frame: Uint8Array): void {
    if (this.#closed) return
    this.#frames.push(frame)
    this.#queued += frame.length
    if (this.#scheduled || this.#stuck > 0) return
    this.#scheduled = true
    // The first frame after a quiet turn of the loop leaves at once; what follows in the same turn leaves in one write after it.
    if (this.#busy) return
    this.#busy = true
    queueMicrotask(this.#flush)
    setImmediate(this.#endTurn)
  }

  readonly #endTurn = (): void => {
    this.#busy = false
    if (this.#scheduled) this.#flush()
  }

  /** Resolves when the backlog is below `bytes`, or nothing more will be written. */
  async drained(bytes: number): Promise<void> {
    if (this.#closed || this.backlog < bytes) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ below: bytes, resolve })
    await promise
  }

  /** Drops what is queued and ignores what comes. */
  stop(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stream.removeEventListener('drain', this.#onDrain)
    this.#stream.removeEventListener('close', this.#onClose)
    this.#frames = []
    this.#queued = 0
    this.#stuck = 0
    this.#wake()
  }

  readonly #onClose = (): void => this.stop()

  readonly #onDrain = (): void => {
    // libp2p's own listener came first and sends what it still holds in a microtask; look after that.
    queueMicrotask(() => {
      if (this.#closed || this.#stream.writableNeedsDrain) return
      this.#stuck = 0
      this.#flush()
    })
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    while (!this.#closed && this.#frames.length > 0 && this.#stuck === 0) {
      const batch = this.#nextBatch()
      try {
        this.taken += 1
        if (!this.#stream.send(joinFrames(batch))) this.#stuck = batch.reduce((sum, frame) => sum + frame.length, 0)
      } catch {
        // The stream closed in this very turn; its close event says so to everybody else.
        this.stop()
      }
    }
    this.#wake()
  }

  #nextBatch(): Uint8Array[] {
    let bytes = 0
    let count = 0
    for (const frame of this.#frames) {
      if (count > 0 && bytes + frame.length > writeBytes) break
      bytes += frame.length
      count += 1
    }
    this.#queued -= bytes
    return this.#frames.splice(0, count)
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ below }) => this.#closed || this.backlog < below)
    if (ready.length === 0) return
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }
}

/** Sends one message on a short stream. Throws LINK_CLOSED if the stream is closed. */
export function sendMessage(stream: Stream, bytes: Uint8Array): void {
  try {
    stream.send(joinFrames([bytes]))
  } catch (cause) {
    throw new WarrenError('LINK_CLOSED', 'the peer closed the connection', { cause })
  }
}
