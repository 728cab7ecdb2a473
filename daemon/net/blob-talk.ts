/** `/warren/blob/1` on the wire: frames each way on one stream, no faster than either side takes them. */

import type { Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import {
  chunkFrameHead,
  encodeBlobFrame,
  readBlobFrame,
  type BlobFrame,
  type ChunkFrames,
} from '../../protocol/blob-frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { joinFrames, Progress, splitFrames } from './frame-bytes.ts'
import { inBackground, raceSignal } from './race-signal.ts'
import { Readable } from './readable.ts'
import { StreamQueue, type TakeNext } from './stream-queue.ts'
import { gatherWindowUpdates, openWindow } from './window-updates.ts'

export const blobProtocol = '/warren/blob/1'

/** What goes into one Noise message, behind yamux' head: a longer piece would leave as a long message and a short one. */
const pieceBytes = 0xff_ff - 16 - 12

export class NetBlobTalk {
  readonly device: DeviceId
  readonly #stream: Stream
  readonly #readable: Readable
  readonly #frames: AsyncGenerator<Uint8Array>
  readonly #queue: StreamQueue
  readonly #onOffence: () => void
  #ended = false
  #isAsking = false

  /** Make it in the tick in which the stream came. `onOffence`: the device sent what no honest one sends. */
  constructor(device: DeviceId, stream: Stream, onOffence: () => void) {
    this.device = device
    this.#stream = stream
    this.#onOffence = onOffence
    gatherWindowUpdates(stream)
    this.#readable = new Readable(stream, undefined, () => stream.abort(new Error('the peer sends on after the end')))
    this.#frames = pipe(
      this.#readable.pieces(),
      splitFrames(limits.blobFrameBytes, new Progress(), { isPassing: true }),
    )
    this.#queue = new StreamQueue(stream, nextMessage)
  }

  send(frame: Exclude<BlobFrame, { is: 'unknown' }>): void {
    if (frame.is === 'ask' && !this.#isAsking) {
      this.#isAsking = true
      openWindow(this.#stream)
    }
    this.#queue.add(messageOf(frame))
    this.#queue.flush()
  }

  sendChunks({ bytes }: ChunkFrames): void {
    for (let at = 0; at < bytes.length; at += pieceBytes) this.#queue.add(bytes.subarray(at, at + pieceBytes))
    this.#queue.flush()
  }

  async drained(bytes: number): Promise<void> {
    await this.#queue.drained(bytes)
  }

  async next(signal: AbortSignal): Promise<BlobFrame | undefined> {
    try {
      const next = await raceSignal(this.#frames.next(), signal)
      return next.done === true ? undefined : readBlobFrame(next.value)
    } catch (error) {
      // Cut off inside a frame by a lost connection: nobody's fault.
      const { status, remoteWriteStatus } = this.#stream
      if (signal.aborted || (status === 'open' && remoteWriteStatus !== 'closed')) throw error
      return undefined
    }
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    inBackground(this.#end(), (error) => this.#stream.abort(error instanceof Error ? error : new Error('closed')))
  }

  async #end(): Promise<void> {
    const signal = AbortSignal.timeout(limits.byeDrainMs)
    try {
      await raceSignal(this.#queue.drained(1), signal)
      this.#queue.stop()
      await this.#stream.close({ signal })
    } finally {
      this.#readable.stop()
    }
  }

  offend(): void {
    this.end()
    this.#onOffence()
  }
}

/** Messages are large: each is written as it is. */
const nextMessage: TakeNext = (messages) => {
  const [written = new Uint8Array()] = messages.splice(0, 1)
  return { written, bytes: written.length }
}

/** A frame behind its length. A chunk is copied once. */
function messageOf(frame: Exclude<BlobFrame, { is: 'unknown' }>): Uint8Array {
  if (frame.is !== 'chunk') return joinFrames([encodeBlobFrame(frame)])
  const head = chunkFrameHead(frame.number, frame.bytes.length)
  const message = Buffer.allocUnsafeSlow(4 + head.length + frame.bytes.length)
  message.writeUInt32BE(head.length + frame.bytes.length)
  message.set(head, 4)
  message.set(frame.bytes, 4 + head.length)
  return message
}
