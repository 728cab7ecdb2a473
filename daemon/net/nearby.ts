/** Devices that were seen lately, by mDNS, by hand or because they came: bounded, forgotten when they fall silent. */

import type { Hello } from '../../protocol/hello.ts'
import type { PeerSource } from '../../protocol/http-people.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { SeenPeer } from './greeter.ts'
import type { Times } from './times.ts'

interface Entry {
  readonly source: PeerSource
  readonly addresses: readonly string[]
  /** It came by itself and was found by nothing else: anybody can do that under any number of keys. */
  readonly uncalled: boolean
  /** When mDNS or a hello last spoke of it. */
  readonly heardAt: number
  /** When it was last greeted, or greeted us; 0 for never. */
  readonly greetedAt: number
  readonly hello: Hello | undefined
}

/** How a device was met. */
export interface Encounter {
  readonly source: PeerSource
  /** Where it was reached; undefined if it came. */
  readonly address: string | undefined
}

export interface NearbyDeps {
  readonly now: () => number
  /** A device that said hello once is forgotten. */
  readonly gone: (device: DeviceId) => void
  /** It is linked or connected: whatever its age, it is not gone. */
  readonly present: (device: DeviceId) => boolean
}

export class Nearby {
  readonly #entries = new Map<DeviceId, Entry>()
  readonly #deps: NearbyDeps
  readonly #times: Times

  constructor(deps: NearbyDeps, times: Times) {
    this.#deps = deps
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
    this.#entries.set(device, {
      greetedAt: 0,
      hello: undefined,
      ...known,
      uncalled: false,
      source: known?.source === 'contact' ? 'contact' : 'mdns',
      addresses,
      heardAt: this.#deps.now(),
    })
    return { fresh: known === undefined || addresses.some((each) => !known.addresses.includes(each)) }
  }

  /** It said hello. Returns what others may be told of it. */
  met(device: DeviceId, hello: Hello, { source, address }: Encounter): SeenPeer {
    const known = this.#entries.get(device)
    const now = this.#deps.now()
    const before = known?.addresses ?? []
    const addresses =
      address === undefined || before.includes(address)
        ? before
        : [address, ...before].slice(0, limits.addressesPerDevice)
    const entry: Entry = {
      source: known?.source === 'mdns' && source !== 'contact' ? 'mdns' : source,
      addresses,
      uncalled: (known?.uncalled ?? true) && address === undefined && source !== 'contact',
      heardAt: now,
      greetedAt: now,
      hello,
    }
    if (known !== undefined || this.#makeRoom()) this.#entries.set(device, entry)
    return { device, person: hello.person, name: hello.name, source: entry.source, addresses, hello }
  }

  /** True if it is time to greet it; then it counts as greeted. Sooner if there is something new about it. */
  claimGreeting(device: DeviceId, fresh: boolean): boolean {
    const entry = this.#entries.get(device)
    const now = this.#deps.now()
    const { greetAgainMs } = this.#times
    if (entry === undefined) return false
    if (entry.greetedAt > 0 && now - entry.greetedAt < (fresh ? greetAgainMs / 20 : greetAgainMs)) return false
    this.#entries.set(device, { ...entry, greetedAt: now })
    return true
  }

  /** It said hello after `at`. */
  greetedSince(device: DeviceId, at: number): boolean {
    const entry = this.#entries.get(device)
    return entry?.hello !== undefined && entry.heardAt > at
  }

  /** Forgets who fell silent. */
  forget(): void {
    const { nearbyForgetMs, lookedForgetMs } = this.#times
    for (const [device, { source, uncalled, heardAt }] of this.#entries) {
      const most = source === 'mdns' || uncalled ? nearbyForgetMs : lookedForgetMs
      if (this.#deps.now() - heardAt > most && !this.#deps.present(device)) this.#drop(device)
    }
  }

  /** When full, the longest silent of those goes that nothing but their own word speaks for: they crowd out each other only. */
  #makeRoom(): boolean {
    if (this.#entries.size < limits.nearbyDevices) return true
    let oldest: { device: DeviceId; heardAt: number } | undefined
    for (const [device, { hello, uncalled, heardAt }] of this.#entries) {
      if ((uncalled || hello === undefined) && heardAt < (oldest?.heardAt ?? Infinity)) oldest = { device, heardAt }
    }
    if (oldest !== undefined) this.#drop(oldest.device)
    return oldest !== undefined
  }

  #drop(device: DeviceId): void {
    const known = this.#entries.get(device)?.hello !== undefined
    this.#entries.delete(device)
    if (known) this.#deps.gone(device)
  }
}
