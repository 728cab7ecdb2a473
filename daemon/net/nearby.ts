/** Devices that were seen lately, by mDNS, by hand or because they came: bounded, forgotten when they fall silent. */

import type { Hello } from '../../protocol/hello.ts'
import type { PeerSource } from '../../protocol/http.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { SeenPeer } from './greeter.ts'
import type { Times } from './times.ts'

interface Entry {
  source: PeerSource
  addresses: string[]
  /** When mDNS or a hello last spoke of it. */
  heardAt: number
  /** When it was last greeted, or greeted us. */
  greetedAt: number
  hello: Hello | undefined
}

export class Nearby {
  readonly #entries = new Map<DeviceId, Entry>()
  readonly #now: () => number
  readonly #times: Times

  constructor(now: () => number, times: Times) {
    this.#now = now
    this.#times = times
  }

  get size(): number {
    return this.#entries.size
  }

  devices(): DeviceId[] {
    return [...this.#entries.keys()]
  }

  addresses(device: DeviceId): readonly string[] {
    return this.#entries.get(device)?.addresses ?? []
  }

  source(device: DeviceId): PeerSource | undefined {
    return this.#entries.get(device)?.source
  }

  /** mDNS showed it. Says whether the device, or one of its addresses, is new; `undefined` if there is no room for it. */
  found(device: DeviceId, addresses: readonly string[]): { fresh: boolean } | undefined {
    const known = this.#entries.get(device)
    if (known === undefined && !this.#makeRoom()) return undefined
    const fresh = known === undefined || addresses.some((each) => !known.addresses.includes(each))
    this.#entries.set(device, {
      greetedAt: 0,
      hello: undefined,
      ...known,
      source: known?.source === 'contact' ? 'contact' : 'mdns',
      addresses: [...addresses],
      heardAt: this.#now(),
    })
    return { fresh }
  }

  /** It said hello. Returns what others may be told of it. */
  met(device: DeviceId, hello: Hello, source: PeerSource, address: string | undefined): SeenPeer {
    const known = this.#entries.get(device)
    const room = known !== undefined || this.#makeRoom()
    const addresses = known?.addresses ?? []
    const entry: Entry = {
      source: known?.source === 'mdns' && source !== 'contact' ? 'mdns' : source,
      addresses:
        address === undefined || addresses.includes(address) ? addresses : [address, ...addresses].slice(0, 16),
      heardAt: this.#now(),
      greetedAt: this.#now(),
      hello,
    }
    if (room) this.#entries.set(device, entry)
    return { device, person: hello.person, name: hello.name, source: entry.source, addresses: entry.addresses, hello }
  }

  /** True if nobody has spoken to it for long; then it counts as greeted. */
  claimGreeting(device: DeviceId, fresh: boolean): boolean {
    const entry = this.#entries.get(device)
    if (entry === undefined) return false
    const due = entry.greetedAt + (fresh ? this.#times.greetAgainMs / 20 : this.#times.greetAgainMs)
    if (entry.greetedAt > 0 && this.#now() < due) return false
    entry.greetedAt = this.#now()
    return true
  }

  greetedSince(device: DeviceId, at: number): boolean {
    const entry = this.#entries.get(device)
    return entry?.hello !== undefined && entry.greetedAt > at
  }

  /** Forgets who fell silent and is not linked; returns those that others had been told of. */
  forget(linked: (device: DeviceId) => boolean): DeviceId[] {
    const gone: DeviceId[] = []
    for (const [device, entry] of this.#entries) {
      const most = entry.source === 'mdns' ? this.#times.nearbyForgetMs : this.#times.lookedForgetMs
      if (this.#now() - entry.heardAt <= most || linked(device)) continue
      this.#entries.delete(device)
      if (entry.hello !== undefined) gone.push(device)
    }
    return gone
  }

  /** When full, the longest silent device that never said hello goes: made-up devices crowd out each other only. */
  #makeRoom(): boolean {
    if (this.#entries.size < limits.nearbyDevices) return true
    let oldest: { device: DeviceId; heardAt: number } | undefined
    for (const [device, { hello, heardAt }] of this.#entries) {
      if (hello === undefined && heardAt < (oldest?.heardAt ?? Infinity)) oldest = { device, heardAt }
    }
    return oldest !== undefined && this.#entries.delete(oldest.device)
  }
}
