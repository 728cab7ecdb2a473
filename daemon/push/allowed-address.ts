/** Which addresses a push server may have: whoever names one makes this program send there. */

import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

type Range = readonly [network: string, bits: number]

const listOf = (...ranges: readonly Range[]): BlockList => {
  const list = new BlockList()
  for (const [network, bits] of ranges) list.addSubnet(network, bits, isIPv6(network) ? 'ipv6' : 'ipv4')
  return list
}

/** What hosts tell about themselves to whoever asks from within (also in tailnet and local ranges), and what is no host at all. */
const never = listOf(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.0', 24],
  ['224.0.0.0', 3],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
)
/** IPv6 in which an IPv4 address hides, and the address that is none, but for loopback: one way to write a place is enough. */
const disguised = listOf(['::ffff:0:0', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['2002::', 16], ['::', 96])
const loopback = listOf(['127.0.0.0', 8], ['::1', 128])
const privates = listOf(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['fc00::', 7])

export interface Surroundings {
  /** Servers on this machine are meant, too. */
  readonly loopback: boolean
  /** Where this daemon itself listens. */
  readonly ownPorts: readonly number[]
}

export interface Place {
  readonly ip: string
  readonly port: number
  readonly isSecure: boolean
}

/** The one way of all to write an address in which the system writes its own. */
const asWritten = (ip: string): string => (isIPv6(ip) ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip)

const isOwn = (ip: string): boolean => {
  const written = asWritten(ip)
  return Object.values(networkInterfaces()).some((all = []) => all.some(({ address }) => address === written))
}

/** Without TLS only within networks of one's own. */
export function isAllowedPlace({ ip, port, isSecure }: Place, { loopback: local, ownPorts }: Surroundings): boolean {
  const family = isIPv6(ip) ? 'ipv6' : 'ipv4'
  if (never.check(ip, family)) return false
  if (family === 'ipv6' && disguised.check(ip, family) && asWritten(ip) !== '::1') return false
  const isHere = loopback.check(ip, family)
  if ((isHere || isOwn(ip)) && ownPorts.includes(port)) return false
  if (isHere) return local
  return isSecure || privates.check(ip, family)
}
