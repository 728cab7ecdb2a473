/** A peer without a daemon behind it: sends what a test says and keeps what comes. */

import type { SyncFrame } from '../../daemon/sync/link.ts'
import { fakeDevice, type FakeDevice } from './fake-device.ts'
import type { FakeSync } from './fake-sync.ts'
import { linkPair, type LinkPairOptions, type MemoryLink } from './link-pair.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface RawPeer {
  readonly device: FakeDevice
  readonly link: MemoryLink
  readonly received: SyncFrame[]
  /** Resolves when the link ended. */
  readonly ended: Promise<void>
}

export function rawPeer(
  time: VirtualTime,
  victim: FakeSync,
  number: number,
  { reads = true, ...options }: Partial<LinkPairOptions> & { readonly reads?: boolean } = {},
): RawPeer {
  const device = fakeDevice(number)
  const [link, there] = linkPair({ timers: time, devices: [device.id, victim.device.id], ...options })
  const received: SyncFrame[] = []
  const read = async (): Promise<void> => {
    for await (const frame of link.frames) received.push(frame)
  }
  const ended = reads ? read() : Promise.resolve()
  victim.sync.addLink(there)
  return { device, link, received, ended }
}

export const framesOf = <Is extends SyncFrame['is']>(
  frames: readonly SyncFrame[],
  is: Is,
): Extract<SyncFrame, { is: Is }>[] =>
  frames.filter((frame): frame is Extract<SyncFrame, { is: Is }> => frame.is === is)
