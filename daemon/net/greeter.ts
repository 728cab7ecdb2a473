/** What the net room is told about people: what to say to a device, and what to make of what it says. */

import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { PeerSource } from '../../protocol/http-people.ts'

/** Handed in; the contacts room implements it. */
export interface Greeter {
  /** What we say to this device now. `privateAddress`: the peer's address is loopback, RFC 1918, link-local, ULA or CGNAT. */
  hello(to: { device: DeviceId; privateAddress: boolean }): Pick<Hello, 'person' | 'wish' | 'name' | 'proof'>
  /**
   * What the peer said. `link`: both sides are contacts, a sync link may stand. `stranger`: nothing more. May throw a
   * WarrenError to end the connection. Where the peer asked, this comes before our hello(), which thus answers it.
   */
  heard(from: { device: DeviceId; address: string; privateAddress: boolean; inbound: boolean }, hello: Hello): Verdict
}

export type Verdict = 'link' | 'stranger'

/** A device that said hello, and where it was found. */
export interface SeenPeer {
  readonly device: DeviceId
  readonly person: PersonId
  /** Empty unless its owner is visible nearby, wishes contact or is a contact. */
  readonly name: string
  readonly source: PeerSource
  /** Multiaddrs without PeerId; may be empty for a device that came by itself. */
  readonly addresses: readonly string[]
  readonly hello: Hello
}
