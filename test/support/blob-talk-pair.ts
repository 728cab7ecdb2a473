/** Two ends of a stream of `/warren/blob/1` in memory: real bytes, back-pressure, and whatever goes wrong in between. */

import { encodeBlobFrame, readBlobFrame, type BlobFrame, type ChunkFrames } from '../../protocol/blob-frames.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { BlobTalk, SaidBlobFrame } from '../../daemon/blobs/blob-talk.ts'

/** What becomes of a frame on its way: others, or none. */
export type Tamper = (frame: SaidBlobFrame, from: DeviceId) => readonly SaidBlobFrame[]

export class BlobTalkEnd implements BlobTalk {
  readonly device: DeviceId
  readonly #inbox: Uint8Array[] = []
  readonly #tamper: Tamper
  readonly #own: DeviceId
  #unread = 0
  #wake = Promise.withResolvers<void>()
  #drained: { readonly below: number; readonly resolve: () => void }[] = []
  #isOver = false
  other: BlobTalkEnd | undefined
  /** It was held against the other side. */
  isOffended = false

  constructor(own: DeviceId, device: DeviceId, tamper: Tamper) {
    this.#own = own
    this.device = device
    this.#tamper = tamper
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Bytes on their way from the other end. */
  get unread(): number {
    return this.#unread
  }

  send(frame: SaidBlobFrame): void {
    for (const each of this.#tamper(frame, this.#own)) this.sendBytes(encodeBlobFrame(each))
  }

  sendChunks({ from, places }: ChunkFrames): void {
    for (const [at, bytes] of places.entries()) this.send({ is: 'chunk', number: from + at, bytes })
  }

  /** For hostile peers: any bytes. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.#isOver) this.other?.take(bytes)
  }

  take(bytes: Uint8Array): void {
    this.#inbox.push(bytes)
    this.#unread += bytes.length
    this.#wake.resolve()
  }

  async drained(bytes: number): Promise<void> {
    if (this.#isOver || this.other === undefined || this.other.#unread < bytes) return
    await new Promise<void>((resolve) => this.#drained.push({ below: bytes, resolve }))
  }

  async next(signal: AbortSignal): Promise<BlobFrame | undefined> {
    for (;;) {
      signal.throwIfAborted()
      const bytes = this.#inbox.shift()
      if (bytes !== undefined) {
        this.#unread -= bytes.length
        this.other?.drain()
        return readBlobFrame(bytes)
      }
      if (this.#isOver) return undefined
      this.#wake = Promise.withResolvers()
      const onAbort = (): void => this.#wake.reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      await this.#wake.promise.finally(() => signal.removeEventListener('abort', onAbort))
    }
  }

  drain(): void {
    const unread = this.other?.unread ?? 0
    const ready = this.#drained.filter(({ below }) => this.#isOver || unread < below)
    this.#drained = this.#drained.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }

  end(): void {
    this.over()
    this.other?.over()
  }

  /** What came is still read. */
  over(): void {
    this.#isOver = true
    this.#wake.resolve()
    this.drain()
  }

  offend(): void {
    this.isOffended = true
    this.end()
  }
}

const asItIs: Tamper = (frame) => [frame]

/** The first end is at the first device and leads to the second. */
export function blobTalkPair(
  one: DeviceId,
  other: DeviceId,
  tamper: Tamper = asItIs,
): readonly [BlobTalkEnd, BlobTalkEnd] {
  const [here, there] = [new BlobTalkEnd(one, other, tamper), new BlobTalkEnd(other, one, tamper)]
  here.other = there
  there.other = here
  return [here, there]
}

export const noBlobs = async (): Promise<never> =>
  await Promise.reject(new WarrenError('LINK_CLOSED', 'there is no network here'))
