/** What the devices room asks of the network: a conversation with one other device. */

import type { DeviceFrame } from '../../protocol/device-frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'

export interface DeviceTalk {
  /** Who is at the other end, as the connection proves. */
  readonly device: DeviceId
  /** Where it is: the address, or the block of addresses that one host may choose from. */
  readonly source: string
  /** Throws LINK_CLOSED. */
  send(frame: DeviceFrame): void
  /** The peer's next frame. Rejects with LINK_CLOSED if none comes, BAD_SHAPE …, or the signal's reason. */
  next(signal: AbortSignal): Promise<DeviceFrame>
  /** Ends it once what was sent is out. */
  end(): void
}

/** Opens one: `address` is what a person typed, a link by which a device joins, or a multiaddr. */
export type OpenTalk = (address: string, signal: AbortSignal) => Promise<DeviceTalk>
