/** Reads a libp2p stream no faster than its consumer does. */

import type { Stream, StreamMessageEvent } from '@libp2p/interface'

/** Bytes held here before the stream is paused; behind it yamux holds at most one window (1 MiB). */
const highWaterBytes = 256 * 1024
/** What a piece costs beside its bytes: a peer may send one byte at a time. */
const pieceBytes = 128
/** What may still come after the end: an honest peer stops once it hears of it, and before that a window or two are under way. */
export const mostDroppedBytes = 16 * 1024 * 1024

/**
 * The bytes of `stream` in pieces. Listens from the moment it is made, which must be the tick in which the stream was handed
 * over: later, a half-closed stream would never end. Ends when the peer closes or resets; one consumer only.
 */
export class Readable {
  readonly #stream: Stream
  readonly #onBytes: () => void
  readonly #onFlood: () => void
  #pieces: Uint8Array[] = []
  #held = 0
  #ended = false
  #resuming = false
  #dropping = false
  #dropped = 0
  #wake: (() => void) | undefined

  /** `onFlood`: more than mostDroppedBytes came after stop(). */
  constructor(stream: Stream, onBytes: () => void = () => undefined, onFlood: () => void = () => undefined) {
    this.#stream = stream
    this.#onBytes = onBytes
    this.#onFlood = onFlood
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('close', this.#onEnd)
    stream.addEventListener('remoteCloseWrite', this.#onEnd)
    this.#ended = stream.status !== 'open' || stream.remoteWriteStatus === 'closed'
  }

  /** True while the consumer is behind, so that silence says nothing about the peer. */
  get behind(): boolean {
    return this.#held > 0 || this.#stream.readStatus === 'paused'
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      while (true) {
        // All at once, for removing the first of many moves all others.
        const pieces = this.#pieces
        this.#pieces = []
        for (const piece of pieces) {
          this.#held -= piece.byteLength + pieceBytes
          yield piece
          if (this.#dropping) return
        }
        this.#resume()
        if (this.#pieces.length > 0) continue
        if (this.#dropping || (this.#ended && this.#stream.readBufferLength === 0)) return
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        await promise
      }
    } finally {
      this.stop()
    }
  }

  /** Ends the consumer's loop. What still comes is read and dropped, or the peer's close would never get through. */
  stop(): void {
    this.#dropping = true
    this.#pieces = []
    this.#held = 0
    this.#onEnd()
    this.#resume()
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    if (this.#dropping) return this.#drop(data.byteLength)
    this.#pieces.push(data.subarray())
    this.#held += data.byteLength + pieceBytes
    this.#onBytes()
    this.#pause()
    this.#wake?.()
  }

  #drop(bytes: number): void {
    this.#dropped += bytes
    if (this.#dropped > mostDroppedBytes) this.#onFlood()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wake?.()
  }

  #pause(): void {
    // pause() inside the dispatch that resume() causes would be undone by it, and the stream reset at 4 MiB.
    if (!this.#resuming && this.#held >= highWaterBytes && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    this.#resuming = true
    try {
      this.#stream.resume()
    } catch {
      // What was buffered has been handed over; only the window update found the connection closed.
    } finally {
      this.#resuming = false
    }
    this.#pause()
  }
}
