/** Where this device can be reached, by whom, and how a person would type it. */

import type { DeviceId } from '../../protocol/ids.ts'
import type { AddressKind, Network, OwnAddress } from '../../protocol/http-people.ts'
import { typedAddress, type Address } from './address.ts'
import { interfaceAddresses, type InterfaceAddress } from './ip.ts'

export interface OwnAddressesDeps {
  readonly device: DeviceId
  /** The addresses and ports that are listened on, wildcards resolved. */
  readonly bound: () => readonly Address[]
  /** Others on this host shall find us by loopback: tests and the demo. */
  readonly announceLoopback: boolean
}

const kinds: readonly AddressKind[] = ['lan', 'tailnet', 'ipv6', 'other', 'loopback']

export class OwnAddresses {
  readonly #deps: OwnAddressesDeps

  constructor(deps: OwnAddressesDeps) {
    this.#deps = deps
  }

  /** Multiaddrs with the PeerId; loopback only where there is nothing else, or it was asked for. */
  listening(): string[] {
    return this.#reachable().map(({ multiaddr }) => multiaddr)
  }

  /** What mDNS may tell everybody: the LAN's addresses. Tailnet and global ones are for contacts. */
  announced(): string[] {
    const { announceLoopback } = this.#deps
    return this.#all()
      .filter(({ kind }) => kind === 'lan' || (announceLoopback && kind === 'loopback'))
      .map(({ multiaddr }) => multiaddr)
  }

  network(): Network {
    const interfaces = interfaceAddresses()
    return {
      state: interfaces.some(({ kind }) => kind !== 'loopback') ? 'online' : 'offline',
      tailnet: interfaces.some(({ kind }) => kind === 'tailnet'),
      addresses: this.#reachable(),
    }
  }

  #reachable(): OwnAddress[] {
    const all = this.#all()
    const outside = all.filter(({ kind }) => kind !== 'loopback')
    return outside.length === 0 || this.#deps.announceLoopback ? all : outside
  }

  #all(): OwnAddress[] {
    const interfaces = new Map<string, InterfaceAddress>(interfaceAddresses().map((each) => [each.ip, each]))
    return this.#deps
      .bound()
      .flatMap(({ host, port, text }) => {
        const at = interfaces.get(host)
        if (at === undefined) return []
        const multiaddr = `${text}/p2p/${this.#deps.device}`
        return [{ kind: at.kind, text: typedAddress(host, port), multiaddr, interface: at.interface }]
      })
      .toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))
  }
}
