/** What the meetings with other devices are handed, and whom they tell. */

import type { SigningKey } from '../../protocol/crypto.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { Gate } from './gate.ts'
import type { Greeter } from './greeter.ts'
import type { Meeting } from './meeting.ts'
import type { NetLink } from './net-link.ts'
import type { NetLog } from './net-log.ts'
import type { NetListener } from './net-parts.ts'
import type { NetNode } from './node.ts'
import type { Times } from './times.ts'

export interface MeetingsDeps {
  readonly node: NetNode
  readonly gate: Gate
  /** A device to stay linked with, or to bring a request to. */
  readonly isKept: (device: DeviceId) => boolean
  readonly greeter: Greeter
  readonly device: DeviceId
  readonly bootId: Uint8Array
  readonly signingKey: SigningKey
  /** Another copy of this device was proven to run; called once. */
  readonly duplicate: () => void
  readonly now: () => number
  readonly log: NetLog
  readonly times: Times
  /** After every exchange of hellos. */
  readonly met: (meeting: Meeting, hello: Hello) => void
  readonly stands: (link: NetLink, meeting: Meeting) => void
  /** The device has no link any more. */
  readonly ended: (link: NetLink) => void
  readonly left: (meeting: Meeting) => void
  /** Told of streams that devices open. */
  readonly listener: Pick<NetListener, 'talk' | 'blob'>
}
