/** What the network is handed, and what it tells. */

import type { DeviceId } from '../../protocol/ids.ts'
import type { AddressStore } from './address-book.ts'
import type { NetBlobTalk } from './blob-talk.ts'
import type { NetDeviceTalk } from './device-talk.ts'
import type { Greeter, SeenPeer } from './greeter.ts'
import type { NetLink } from './net-link.ts'
import type { NetLog } from './net-log.ts'
import type { Times } from './times.ts'

/** Told what happens; must not throw and must not wait. */
export interface NetListener {
  /** A link stands; it may take the place of another one with the same device, which is closed by then. */
  link(link: NetLink): void
  /** A device said hello, again perhaps. */
  seen(peer: SeenPeer): void
  /** A device that was seen is not nearby any more, and not linked. */
  gone(device: DeviceId): void
  /**
   * Another device answers a dial of this one at an address that a person gave. Told once for each that answers, until it changes.
   * Who it is is what it claims: we go before it has proven it, and without saying who we are.
   */
  mismatched(device: DeviceId, address: string, answering: DeviceId): void
  /** A dial of this device to an address that a person gave found it there. */
  matched(device: DeviceId, address: string): void
  /** Another copy of this device runs elsewhere: all links are closed, and none comes up any more. */
  duplicate(): void
  /** A device wants to join the owner's person, or looks for a person by a recovery key. */
  talk(talk: NetDeviceTalk): void
  /** A device with a link asks for files. */
  blob(talk: NetBlobTalk): void
  /** The host's addresses changed: network() says what they are now. */
  networkChanged(): void
}

export interface NetDeps {
  /** The device's Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array
  readonly greeter: Greeter
  readonly addressStore: AddressStore
  readonly listener: NetListener
  readonly log: NetLog
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

export interface NetOptions {
  /** Multiaddrs to listen on; none means all interfaces, IPv4 and IPv6, at `port`. */
  readonly listen: readonly string[]
  readonly port: number
  readonly mdns: boolean
  /** Announce 127.0.0.1 too: several devices on one host. */
  readonly announceLoopback?: boolean
  /** Tests wait less. */
  readonly times?: Partial<Times>
}

/** What is to be told of an address that a person gave. */
export interface Look extends SeenPeer {
  /** It is a contact, and a link stands. */
  readonly linked: boolean
}
