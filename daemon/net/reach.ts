/** Finds a way to a device: its addresses in a good order, names resolved, raced, and whoever answers checked. */

import type { Connection } from '@libp2p/interface'
import { namesDevice } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { readDeviceId, type DeviceId } from '../../protocol/ids.ts'
import { tryAddress, type Address } from './address.ts'
import type { AddressBook } from './address-book.ts'
import { dialError, mostTelling } from './dial-error.ts'
import type { MismatchWatch } from './mismatch-watch.ts'
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
  /** Where it says that it is now. */
  readonly expected: (device: DeviceId) => readonly string[]
  readonly mismatches: MismatchWatch
  readonly times: Times
}

/** Where a dial goes. */
export interface Way extends Address {
  /** The addresses that lead there, as they are kept: names are resolved for each dial anew. */
  readonly given: readonly string[]
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

  /** Where it is expected, what worked before and is there now, what is there now, what worked, the rest. */
  addresses(device: DeviceId): Address[] {
    // What multicast says can be forged: half of the places are for what is known.
    const here = this.#deps.nearby.addresses(device).slice(0, mostAddresses / 2)
    const known = this.#deps.book.of(device).map(({ address }) => address)
    const expected = this.#deps.expected(device)
    const all = [...expected, ...known.filter((each) => here.includes(each)), ...here, ...known]
    return [...new Set(all)].flatMap((each) => tryAddress(each) ?? []).slice(0, mostAddresses)
  }

  /** Connects to this device and no other. Throws UNREACHABLE where no address is known. */
  async device(device: DeviceId, signal: AbortSignal): Promise<Connection> {
    const { book, nearby, keeps } = this.#deps
    const addresses = this.addresses(device)
    for (const { text } of addresses) book.tried(device, text)
    const { way, connection } = await this.#dial(device, addresses, signal)
    // Those that a person gave are in the book as such; what one of their names leads to today may be somebody else's tomorrow.
    if (keeps(device)) book.worked(device, way.text, nearby.source(device) === 'mdns' ? 'mdns' : 'contact')
    return connection
  }

  /** Looks whether this device answers at one address now, which is told as after any dial. Rejects if it does not. */
  async check(device: DeviceId, address: string, signal: AbortSignal): Promise<void> {
    const known = tryAddress(address)
    const { connection } = await this.#dial(device, known === undefined ? [] : [known], signal)
    await connection.close({ signal })
  }

  async #dial(
    device: DeviceId,
    addresses: readonly Address[],
    signal: AbortSignal,
  ): Promise<{ way: Way; connection: Connection }> {
    const { node, mismatches } = this.#deps
    const dial = async (way: Way, stop: AbortSignal): Promise<Connection> => {
      try {
        return await node.dial(way.text, device, stop)
      } catch (error) {
        mismatches.failed(device, way.given, error)
        throw error
      }
    }
    const reached = await this.#race(addresses, dial, signal)
    mismatches.found(device, reached.way.given)
    return reached
  }

  /** Connects to whoever answers where a person said, if it is whom they named; `given`: which of what they said led there. */
  async target(target: Target, signal: AbortSignal): Promise<{ connection: Connection; way: Way }> {
    const { node, device: own } = this.#deps
    const { device, link } = target
    if (device === own || (link?.devices.length === 1 && namesDevice(link, own))) {
      throw new WarrenError('SELF', 'that is this device itself')
    }
    const expected: Expected = (answering) =>
      (device === undefined || device === answering) && (link === undefined || namesDevice(link, answering))
    // Without the PeerId: the check comes after, and tells the person who did answer.
    const dial = async (way: Way, stop: AbortSignal): Promise<Connection> =>
      await check(await node.dial(way.text, undefined, stop), expected)
    const found = await this.#race(this.#namedBy(target), dial, signal)
    this.#deps.mismatches.found(readDeviceId(found.connection.remotePeer.toString()), found.way.given)
    return found
  }

  #namedBy({ addresses, device, link }: Target): readonly Address[] {
    if (device !== undefined && addresses.length === 0) return this.addresses(device)
    if (link === undefined) return addresses
    const known = this.#deviceOf(link)
    return known === undefined ? addresses : [...addresses, ...this.addresses(known)]
  }

  /** A link holds but a part of each key; a device that was seen has the whole. */
  #deviceOf(link: NonNullable<Target['link']>): DeviceId | undefined {
    return this.#deps.nearby.devices().find((each) => namesDevice(link, each))
  }

  async #race(
    addresses: readonly Address[],
    dial: (way: Way, signal: AbortSignal) => Promise<Connection>,
    signal: AbortSignal,
  ): Promise<{ way: Way; connection: Connection }> {
    const { dialTimeoutMs, dialStaggerMs } = this.#deps.times
    const timeout = AbortSignal.timeout(dialTimeoutMs)
    try {
      const found = await Promise.allSettled(addresses.map((each) => resolve(each, AbortSignal.any([signal, timeout]))))
      const ways = new Map<string, Way>()
      for (const [at, each] of found.entries()) {
        const given = addresses[at]?.text ?? ''
        for (const way of each.status === 'fulfilled' ? each.value : [])
          ways.set(way.text, { ...way, given: [...(ways.get(way.text)?.given ?? []), given] })
      }
      if (ways.size === 0) {
        throw mostTelling(found.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])))
      }
      const { address: way, connection } = await raceDial([...ways.values()], {
        dial,
        discard: (connection) => inBackground(connection.close(), () => undefined),
        staggerMs: dialStaggerMs,
        timeoutMs: dialTimeoutMs,
        signal,
      })
      return { way, connection }
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
