/** Finds a way to a device: its addresses in a good order, names resolved, raced, and whoever answers checked. */

import type { Connection } from '@libp2p/interface'
import { namesDevice, type ContactLink } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { readDeviceId, type DeviceId } from '../../protocol/ids.ts'
import { tryAddress, type Address } from './address.ts'
import type { AddressBook } from './address-book.ts'
import { dialError, mostTelling } from './dial-error.ts'
import type { Nearby } from './nearby.ts'
import type { NetNode } from './node.ts'
import { inBackground } from './race-signal.ts'
import { raceDial } from './race-dial.ts'
import { resolve } from './resolve.ts'
import type { Target } from './target.ts'
import type { Times } from './times.ts'

export interface ReachDeps {
  readonly node: NetNode
  readonly device: DeviceId
  readonly book: AddressBook
  readonly nearby: Nearby
  /** Only the addresses of these are worth keeping. */
  readonly keeps: (device: DeviceId) => boolean
  readonly times: Times
}

/** Addresses that one call tries. */
const mostAddresses = 16

/** Who may answer a dial. */
type Expected = (device: DeviceId) => boolean

export class Reach {
  readonly #deps: ReachDeps

  constructor(deps: ReachDeps) {
    this.#deps = deps
  }

  /** What worked before and is there now, what is there now, what worked, the rest. */
  addresses(device: DeviceId): Address[] {
    // What multicast says can be forged: half of the places are for what is known.
    const here = this.#deps.nearby.addresses(device).slice(0, mostAddresses / 2)
    const known = this.#deps.book.of(device).map(({ address }) => address)
    const all = [...known.filter((each) => here.includes(each)), ...here, ...known]
    return [...new Set(all)].flatMap((each) => tryAddress(each) ?? []).slice(0, mostAddresses)
  }

  /** Connects to this device and no other. Throws UNREACHABLE where no address is known. */
  async device(device: DeviceId, signal: AbortSignal): Promise<Connection> {
    const { node, book, nearby, keeps } = this.#deps
    const addresses = this.addresses(device)
    for (const { text } of addresses) book.tried(device, text)
    const dial = async (address: Address, stop: AbortSignal): Promise<Connection> =>
      await node.dial(address.text, device, stop)
    const { address, connection } = await this.#race(addresses, dial, signal)
    if (keeps(device)) book.worked(device, address.text, nearby.source(device) ?? 'contact')
    return connection
  }

  /** Connects to whoever answers where a person said, if it is whom they named. */
  async target(target: Target, signal: AbortSignal): Promise<{ connection: Connection; address: string }> {
    const { node, device: own } = this.#deps
    const { device, link } = target
    if (device === own || (link?.devices.length === 1 && namesDevice(link, own))) {
      throw new WarrenError('SELF', 'that is this device itself')
    }
    const expected: Expected = (answering) =>
      (device === undefined || device === answering) && (link === undefined || namesDevice(link, answering))
    // Without the PeerId: the check comes after, and tells the person who did answer.
    const dial = async (address: Address, stop: AbortSignal): Promise<Connection> =>
      await check(await node.dial(address.text, undefined, stop), expected)
    const { address, connection } = await this.#race(this.#namedBy(target), dial, signal)
    return { connection, address: address.text }
  }

  #namedBy({ addresses, device, link }: Target): readonly Address[] {
    if (device !== undefined && addresses.length === 0) return this.addresses(device)
    if (link === undefined) return addresses
    const known = this.#deviceOf(link)
    return known === undefined ? addresses : [...addresses, ...this.addresses(known)]
  }

  /** A link holds but a part of each key; a device that was seen has the whole. */
  #deviceOf(link: ContactLink): DeviceId | undefined {
    return this.#deps.nearby.devices().find((each) => namesDevice(link, each))
  }

  async #race(
    addresses: readonly Address[],
    dial: (address: Address, signal: AbortSignal) => Promise<Connection>,
    signal: AbortSignal,
  ): Promise<{ address: Address; connection: Connection }> {
    const { dialTimeoutMs, dialStaggerMs } = this.#deps.times
    const timeout = AbortSignal.timeout(dialTimeoutMs)
    try {
      const found = await Promise.allSettled(addresses.map((each) => resolve(each, AbortSignal.any([signal, timeout]))))
      const flat = found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
      if (flat.length === 0) {
        throw mostTelling(found.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])))
      }
      const unlike = [...new Map(flat.map((each) => [each.text, each])).values()]
      return await raceDial(unlike, {
        dial,
        discard: (connection) => inBackground(connection.close(), () => undefined),
        staggerMs: dialStaggerMs,
        timeoutMs: dialTimeoutMs,
        signal,
      })
    } catch (error) {
      signal.throwIfAborted()
      throw dialError(error)
    }
  }
}

async function check(connection: Connection, expected: Expected): Promise<Connection> {
  const answering = connection.remotePeer.toString()
  try {
    if (expected(readDeviceId(answering))) return connection
  } catch {
    // Not an Ed25519 key: nobody that Warren knows.
  }
  inBackground(connection.close(), () => undefined)
  throw new WarrenError('IDENTITY_MISMATCH', 'another device than expected answers there', { details: { answering } })
}
