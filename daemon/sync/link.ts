/** What sync asks of an authenticated connection to one peer device; net implements it, tests use linkPair(). */

import type { Frame } from '../../protocol/frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'

/** Frames that sync reads and writes; heartbeat and bye are the link's own. */
export type SyncFrame = Exclude<Frame, { is: 'heartbeat' | 'bye' | 'unknown' }>

export interface Link {
  readonly device: DeviceId
  /** The peer's boot, base32: a new one means that it started anew. */
  readonly bootId: string
  /** Where the peer is, a multiaddr without PeerId. */
  readonly address: string
  /** Queues a frame; frames of one tick travel together. Ignored once the link is closed. */
  send(frame: SyncFrame): void
  /** Bytes queued here that the transport has not taken. */
  readonly backlog: number
  /** Resolves when the backlog is below `bytes`, or when the link closes. */
  drained(bytes: number): Promise<void>
  /** Frames as they come, with back-pressure: the peer is read only as fast as this is. Ends when the link closes. */
  readonly frames: AsyncIterable<SyncFrame>
  /** Aborted once the link is closed by either side. */
  readonly closed: AbortSignal
  /** Says bye with the code, lets queued frames out (5 s), closes. Never rejects. */
  close(code: number, text?: string): Promise<void>
}
