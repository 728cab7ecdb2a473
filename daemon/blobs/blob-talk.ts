/** What the files' room asks of a stream of `/warren/blob/1` to one device; net implements it, tests have pairs in memory. */

import type { BlobFrame, ChunkFrames } from '../../protocol/blob-frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'

/** What is sent. */
export type SaidBlobFrame = Exclude<BlobFrame, { is: 'unknown' }>

export interface BlobTalk {
  readonly device: DeviceId
  /** Queues a frame, copied at once; ignored once it is over. */
  send(frame: SaidBlobFrame): void
  /** Queues chunks where they lie, without a copy; ignored once it is over. */
  sendChunks(frames: ChunkFrames): void
  /** Resolves when fewer than `bytes` wait here for the transport, or when it is over. */
  drained(bytes: number): Promise<void>
  /** The next frame, whose bytes stay until the call after; undefined when the other side ended it. Throws BAD_SHAPE, TOO_LARGE, and the signal's reason. One call at a time. */
  next(signal: AbortSignal): Promise<BlobFrame | undefined>
  /** Ends it; what was sent still goes out. */
  end(): void
  /** Ends it, and the link: the device sent what no honest one sends. */
  offend(): void
}
