/** The owner's contact link: this device and where it can be reached, the likeliest addresses first. */

import { devicePrefix, encodeContactLink, type LinkAddress, type LinkDevice } from '../../protocol/contact-link.ts'
import type { Network, OwnAddress } from '../../protocol/http-people.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'

function linkAddress({ multiaddr }: Pick<OwnAddress, 'multiaddr'>): LinkAddress[] {
  const [, kind, host, , port] = multiaddr.split('/')
  if ((kind !== 'ip4' && kind !== 'ip6') || host === undefined || host.includes('%')) return []
  return [{ kind, host, port: Number(port) }]
}

/** A tailnet address works from anywhere on the tailnet, so it comes before those of a LAN. */
const rank = { tailnet: 0, lan: 1, ipv6: 2, other: 3, loopback: 4 } as const

export const ownLink = (person: PersonId, device: DeviceId, network: Network): string =>
  encodeContactLink({ person, devices: ownLinkDevices(device, network) })

/** This device and where it can be reached, for any link. */
export function ownLinkDevices(device: DeviceId, network: Network): LinkDevice[] {
  const addresses = network.addresses
    .toSorted((a, b) => rank[a.kind] - rank[b.kind])
    .flatMap((each) => linkAddress(each))
  return [{ prefix: devicePrefix(device), addresses: addresses.slice(0, 5) }]
}

/** A device of somebody else, where it says that it is. */
export const otherLinkDevice = (device: DeviceId, addresses: readonly string[]): LinkDevice => ({
  prefix: devicePrefix(device),
  addresses: addresses.flatMap((multiaddr) => linkAddress({ multiaddr })).slice(0, 2),
})
