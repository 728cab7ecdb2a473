/** What an IP address is: private or not, of which kind, and which ones this host has. */

import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { AddressKind } from '../../protocol/http-people.ts'

type Range = readonly [network: string, bits: number]

const listOf = (...ranges: readonly Range[]): BlockList => {
  const list = new BlockList()
  for (const [network, bits] of ranges) list.addSubnet(network, bits, isIPv6(network) ? 'ipv6' : 'ipv4')
  return list
}

const loopback = listOf(['127.0.0.0', 8], ['::1', 128])
/** Carrier-grade NAT (RFC 6598), which Tailscale and Headscale use, and Tailscale's own ULA prefix. */
const tailnet = listOf(['100.64.0.0', 10], ['fd7a:115c:a1e0::', 48])
/** RFC 1918, RFC 4193 and link-local addresses. */
const lan = listOf(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['169.254.0.0', 16], ['fc00::', 7])
const linkLocal6 = listOf(['fe80::', 10])

const holds = (list: BlockList, ip: string): boolean => list.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4')

/** The kind of an address, whatever interface it is on. */
export function addressKind(ip: string): AddressKind {
  if (holds(loopback, ip)) return 'loopback'
  if (holds(tailnet, ip)) return 'tailnet'
  if (holds(lan, ip) || holds(linkLocal6, ip)) return 'lan'
  return isIPv6(ip) ? 'ipv6' : 'other'
}

/** Loopback, RFC 1918, link-local, ULA or carrier-grade NAT: not reachable from the open internet. */
export const isPrivateAddress = (ip: string): boolean => ['loopback', 'tailnet', 'lan'].includes(addressKind(ip))

/** Whom a flood from one place is counted against: an IPv4 address, or the /64 of an IPv6 address. */
export const addressBlock = (ip: string): string =>
  isIPv6(ip) && !ip.includes('.') ? expand6(ip).slice(0, 4).join(':') : ip

const words = (part: string): string[] => (part === '' ? [] : part.split(':'))

function expand6(ip: string): string[] {
  const [head = '', tail] = ip.replace(/%.*$/, '').split('::')
  const [front, back] = [words(head), words(tail ?? '')]
  const gap = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
  return [...front, ...gap, ...back].map((word) => word.toLowerCase().replace(/^0+(?=.)/, ''))
}

export interface InterfaceAddress {
  readonly interface: string
  readonly ip: string
  readonly family: 4 | 6
  readonly kind: AddressKind
}

/** A tunnel has no hardware address; what it carries is not the LAN, also where it borrows RFC 1918 addresses. */
const isTunnel = (mac: string): boolean => mac === '00:00:00:00:00:00'

/** The host's addresses that others can use as they are: IPv6 link-local ones need a zone and are left out. */
export function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    all
      .filter(({ address }) => !holds(linkLocal6, address))
      .map(({ address, family, mac }) => {
        const kind = addressKind(address)
        return {
          interface: name,
          ip: address,
          family: family === 'IPv6' ? (6 as const) : (4 as const),
          kind: kind === 'lan' && isTunnel(mac) ? ('other' as const) : kind,
        }
      }),
  )
}
