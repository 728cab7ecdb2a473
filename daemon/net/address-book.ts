/** Where devices were reached or may be reached: bounded, aged, and saved in batches. */

import type { DeviceId } from '../../protocol/ids.ts'
import type { PeerSource } from '../../protocol/http-people.ts'
import { limits } from '../../protocol/limits.ts'
import { tryAddress } from './address.ts'
import type { NetLog } from './net-log.ts'

export interface KnownAddress {
  readonly device: DeviceId
  /** A multiaddr without PeerId. */
  readonly address: string
  readonly source: PeerSource
  /** Epoch milliseconds; 0 for never. */
  readonly learntAt: number
  readonly triedAt: number
  readonly workedAt: number
}

export interface RemovedAddress {
  readonly device: DeviceId
  readonly address: string
}

/** Handed in: loaded once, then told what changed. */
export interface AddressStore {
  load(): Promise<readonly KnownAddress[]>
  save(changes: readonly KnownAddress[], removed: readonly RemovedAddress[]): Promise<void>
}

export interface AddressBookDeps {
  readonly store: AddressStore
  readonly now: () => number
  readonly log: NetLog
}

const saveAfterMs = 1000

const byHand: ReadonlySet<PeerSource> = new Set(['manual', 'tailnet'])

const usefulAt = ({ learntAt, workedAt }: KnownAddress): number => Math.max(learntAt, workedAt)
/** What worked last comes first, then what was learnt last; what failed since counts less. */
const promising = (a: KnownAddress, b: KnownAddress): number => b.workedAt - a.workedAt || b.learntAt - a.learntAt

export class AddressBook {
  readonly #deps: AddressBookDeps
  readonly #devices = new Map<DeviceId, Map<string, KnownAddress>>()
  readonly #changed = new Map<string, KnownAddress>()
  readonly #removed = new Map<string, RemovedAddress>()
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()

  constructor(deps: AddressBookDeps) {
    this.#deps = deps
  }

  async load(): Promise<void> {
    for (const known of await this.#deps.store.load()) {
      if (tryAddress(known.address) !== undefined) this.#put(known)
    }
    this.#changed.clear()
    const oldest = this.#deps.now() - limits.addressMaxAgeMs
    for (const all of this.#devices.values()) {
      for (const known of all.values()) if (usefulAt(known) < oldest) this.#drop(known)
    }
  }

  /** The addresses of a device, the most promising first. */
  of(device: DeviceId): KnownAddress[] {
    return [...(this.#devices.get(device)?.values() ?? [])].toSorted(promising)
  }

  /** A person gave this address for the device, whoever else named it since. */
  isByHand(device: DeviceId, address: string): boolean {
    const known = this.#devices.get(device)?.get(address)
    return known !== undefined && byHand.has(known.source)
  }

  /** True if the address is new. What is no multiaddr of a host and a TCP port is ignored. */
  learn(device: DeviceId, text: string, source: PeerSource): boolean {
    const address = tryAddress(text)?.text
    if (address === undefined) return false
    const old = this.#devices.get(device)?.get(address)
    const learntAt = this.#deps.now()
    const wasByHand = old !== undefined && byHand.has(old.source)
    const isNewsOfSource = byHand.has(source) && !wasByHand
    // Heard again within the hour: not worth a write.
    if (old !== undefined && !isNewsOfSource && learntAt - old.learntAt < 3_600_000) return false
    const { triedAt = 0, workedAt = 0 } = old ?? {}
    this.#put({ device, address, source: wasByHand ? old.source : source, learntAt, triedAt, workedAt })
    return old === undefined
  }

  tried(device: DeviceId, address: string): void {
    const known = this.#devices.get(device)?.get(address)
    if (known !== undefined) this.#put({ ...known, triedAt: this.#deps.now() })
  }

  worked(device: DeviceId, address: string, source: PeerSource): void {
    const now = this.#deps.now()
    const known = this.#devices.get(device)?.get(address)
    this.#put({ device, address, source, learntAt: now, ...known, triedAt: now, workedAt: now })
  }

  /** Everything changed so far is saved when this resolves; failures are logged. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const changes = [...this.#changed.values()]
    const removed = [...this.#removed.values()]
    this.#changed.clear()
    this.#removed.clear()
    if (changes.length > 0 || removed.length > 0) {
      this.#saving = this.#saving
        .then(() => this.#deps.store.save(changes, removed))
        .catch(() => this.#deps.log('warn', 'addresses were not saved'))
    }
    await this.#saving
  }

  #put(known: KnownAddress): void {
    const all = this.#devices.get(known.device) ?? new Map<string, KnownAddress>()
    // Map order is the order of use: the device that was touched longest ago is the first.
    this.#devices.delete(known.device)
    this.#devices.set(known.device, all.set(known.address, known))
    const key = `${known.device} ${known.address}`
    this.#changed.set(key, known)
    this.#removed.delete(key)
    if (all.size > limits.addressesPerDevice) {
      const worst = [...all.values()]
        .filter((each) => each !== known)
        .toSorted(promising)
        .at(-1)
      if (worst !== undefined) this.#drop(worst)
    }
    if (this.#devices.size > limits.addressBookDevices) {
      const first = this.#devices.values().next()
      for (const each of first.done === true ? [] : first.value.values()) this.#drop(each)
    }
    this.#schedule()
  }

  #drop({ device, address }: KnownAddress): void {
    const all = this.#devices.get(device)
    all?.delete(address)
    if (all?.size === 0) this.#devices.delete(device)
    const key = `${device} ${address}`
    this.#changed.delete(key)
    this.#removed.set(key, { device, address })
    this.#schedule()
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.flush(), saveAfterMs).unref()
  }
}
