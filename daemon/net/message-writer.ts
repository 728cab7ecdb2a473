/** Writes whole messages to a libp2p stream one by one, no faster than it takes them: for large ones, which are copied once. */

import type { Stream } from '@libp2p/interface'

export class MessageWriter {
  readonly #stream: Stream
  #messages: Uint8Array[] = []
  #queued = 0
  /** Bytes of the last message while the stream has not taken them all. */
  #stuck = 0
  #closed = false
  #waiting: { below: number; resolve: () => void }[] = []

  constructor(stream: Stream) {
    this.#stream = stream
    // Not stream.onDrain(): its promise is made once and stays resolved.
    stream.addEventListener('drain', this.#onDrain)
    stream.addEventListener('close', this.#onClose)
  }

  /** Bytes that the stream has not taken. */
  get backlog(): number {
    return this.#queued + this.#stuck
  }

  /** Queues a message, with its length before it; ignored once closed. */
  push(message: Uint8Array): void {
    if (this.#closed) return
    this.#messages.push(message)
    this.#queued += message.length
    if (this.#stuck === 0) this.#flush()
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
    this.#messages = []
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

  #flush(): void {
    while (!this.#closed && this.#stuck === 0) {
      const message = this.#messages.shift()
      if (message === undefined) break
      this.#queued -= message.length
      try {
        if (!this.#stream.send(message)) this.#stuck = message.length
      } catch {
        // The stream closed in this very turn; its close event says so to everybody else.
        this.stop()
      }
    }
    this.#wake()
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ below }) => this.#closed || this.backlog < below)
    if (ready.length === 0) return
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }
}
