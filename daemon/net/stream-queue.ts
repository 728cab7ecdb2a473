/** What waits to be written to a libp2p stream, which is given no more than it takes. */

import type { Stream } from '@libp2p/interface'

/** Takes the first pieces out of `waiting`, of which there is at least one: what is written of them at once, and how many bytes they were. */
export type TakeNext = (waiting: Uint8Array[]) => { readonly written: Uint8Array; readonly bytes: number }

export class StreamQueue {
  readonly #stream: Stream
  readonly #takeNext: TakeNext
  #pieces: Uint8Array[] = []
  #queued = 0
  /** Bytes of the last write while the stream has not taken them all. */
  #stuck = 0
  #closed = false
  #waiting: { below: number; resolve: () => void }[] = []
  /** How often the stream was given something. */
  taken = 0

  constructor(stream: Stream, takeNext: TakeNext) {
    this.#stream = stream
    this.#takeNext = takeNext
    // Not stream.onDrain(): its promise is made once and stays resolved, after which nothing holds a writer back.
    stream.addEventListener('drain', this.#onDrain)
    stream.addEventListener('close', this.#onClose)
  }

  /** Bytes that the stream has not taken. */
  get backlog(): number {
    return this.#queued + this.#stuck
  }

  /** The stream has not taken all of the last write: what waits leaves by itself when it has. */
  get isStuck(): boolean {
    return this.#stuck > 0
  }

  /** Puts a piece last, for the next `flush`. False once closed: it is ignored. */
  add(piece: Uint8Array): boolean {
    if (this.#closed) return false
    this.#pieces.push(piece)
    this.#queued += piece.length
    return true
  }

  /** Writes what waits, as far as the stream takes it. */
  flush(): void {
    while (!this.#closed && this.#pieces.length > 0 && this.#stuck === 0) {
      const { written, bytes } = this.#takeNext(this.#pieces)
      this.#queued -= bytes
      this.taken += 1
      try {
        if (!this.#stream.send(written)) this.#stuck = bytes
      } catch {
        // The stream closed in this very turn; its close event says so to everybody else.
        this.stop()
      }
    }
    this.#wake()
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
    this.#pieces = []
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
      this.flush()
    })
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ below }) => this.#closed || this.backlog < below)
    if (ready.length === 0) return
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }
}
