/** Devices that were seen: nearby, by hand or as contacts. */

import type { PeerSource } from '../../protocol/http-people.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { Bus } from '../bus.ts'

export interface Seen {
  readonly device: DeviceId
  readonly person: PersonId
  readonly name: string
  readonly source: PeerSource
  readonly addresses: readonly string[]
  readonly hello: Hello
}

export class PeerList {
  readonly #bus: Bus
  readonly #peers = new Map<DeviceId, Seen>()
  readonly #most: number

  constructor(bus: Bus, most: number) {
    this.#bus = bus
    this.#most = most
  }

  seen(peer: Seen): void {
    const oldest = this.#peers.keys().next()
    if (this.#peers.size >= this.#most && !this.#peers.has(peer.device) && oldest.done !== true) this.gone(oldest.value)
    this.#peers.set(peer.device, peer)
    this.#bus.publish({ type: 'peer', device: peer.device })
  }

  gone(device: DeviceId): void {
    if (this.#peers.delete(device)) this.#bus.publish({ type: 'peer-gone', device })
  }

  get(device: DeviceId): Seen | undefined {
    return this.#peers.get(device)
  }

  all(): Seen[] {
    return [...this.#peers.values()]
  }
}
