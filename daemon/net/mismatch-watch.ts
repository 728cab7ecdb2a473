/** Addresses that a person gave, at which another device answers than the one that was found there. */

import { readDeviceId, type DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { AddressBook } from './address-book.ts'
import type { NetListener } from './net-parts.ts'

/** Noise tells whom it met in its text alone. */
const met = /identity key (\S+) does not match expected/

/** The device that answered a dial meant for another one, as it claims: its signature was not looked at. */
export function answeringIn(error: unknown): DeviceId | undefined {
  const named = error instanceof Error ? met.exec(error.message)?.[1] : undefined
  try {
    return named === undefined ? undefined : readDeviceId(named)
  } catch {
    // Another kind of key: no Warren.
    return undefined
  }
}

export class MismatchWatch {
  readonly #book: AddressBook
  readonly #listener: Pick<NetListener, 'mismatched' | 'matched'>
  /** Who was told last to answer, by device and address: the one that was told longest ago is the first. */
  readonly #told = new Map<string, DeviceId>()

  constructor(book: AddressBook, listener: Pick<NetListener, 'mismatched' | 'matched'>) {
    this.#book = book
    this.#listener = listener
  }

  /** A dial of `device` failed that went to these addresses (one, but for names with a common IP address). */
  failed(device: DeviceId, addresses: readonly string[], error: unknown): void {
    const answering = answeringIn(error)
    if (answering === undefined) return
    for (const address of this.#byHand(device, addresses)) {
      const key = `${device} ${address}`
      if (this.#told.get(key) === answering) continue
      this.#told.delete(key)
      this.#told.set(key, answering)
      if (this.#told.size > limits.addressBookDevices) this.#told.delete(this.#told.keys().next().value ?? '')
      this.#listener.mismatched(device, address, answering)
    }
  }

  /** `device` itself answered there. */
  found(device: DeviceId, addresses: readonly string[]): void {
    for (const address of this.#byHand(device, addresses)) {
      this.#told.delete(`${device} ${address}`)
      this.#listener.matched(device, address)
    }
  }

  /** Leases change hands on every LAN: what mDNS or the contact said is no promise that an owner relies on. */
  #byHand(device: DeviceId, addresses: readonly string[]): string[] {
    return addresses.filter((address) => this.#book.isByHand(device, address))
  }
}
