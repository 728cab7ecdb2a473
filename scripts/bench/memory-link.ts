/** Two ends of a link within one process: frames as bytes, a moment later, in order; nothing is lost and nothing held back. */

import { toBase32 } from '../../protocol/bytes.ts'
import { encodeFrame, readFrame } from '../../protocol/frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { Link, SyncFrame } from '../../daemon/sync/link.ts'

export class MemoryLink implements Link {
  readonly device: DeviceId
  readonly bootId = toBase32(new Uint8Array(8))
  readonly address = '/memory'
  readonly backlog = 0
  readonly frames: AsyncIterable<SyncFrame>
  /** Bytes that this end sent. */
  sentBytes = 0
  readonly #closing = new AbortController()
  readonly #inbox: Uint8Array[] = []
  #reader: (() => void) | undefined
  #other: MemoryLink | undefined

  constructor(device: DeviceId) {
    this.device = device
    this.frames = this.#incoming()
  }

  static pair(one: DeviceId, other: DeviceId): [MemoryLink, MemoryLink] {
    const [here, there] = [new MemoryLink(other), new MemoryLink(one)]
    here.#other = there
    there.#other = here
    return [here, there]
  }

  get closed(): AbortSignal {
    return this.#closing.signal
  }

  send(frame: SyncFrame): void {
    if (this.closed.aborted) return
    const bytes = encodeFrame(frame)
    this.sentBytes += bytes.length
    setImmediate(() => {
      if (this.#other !== undefined) this.#other.#receive(bytes)
    })
  }

  async drained(): Promise<void> {
    await Promise.resolve()
  }

  async close(): Promise<void> {
    this.#end()
    if (this.#other !== undefined) this.#other.#end()
    await Promise.resolve()
  }

  #receive(bytes: Uint8Array): void {
    if (this.closed.aborted) return
    this.#inbox.push(bytes)
    this.#wake()
  }

  #end(): void {
    this.#closing.abort()
    this.#wake()
  }

  #wake(): void {
    this.#reader?.()
    this.#reader = undefined
  }

  async *#incoming(): AsyncGenerator<SyncFrame, void, undefined> {
    while (!this.closed.aborted) {
      const bytes = this.#inbox.shift()
      if (bytes === undefined) {
        await new Promise<void>((resolve) => {
          this.#reader = resolve
        })
        continue
      }
      const frame = readFrame(bytes)
      if (frame.is !== 'unknown' && frame.is !== 'heartbeat' && frame.is !== 'bye') yield frame
    }
  }
}
