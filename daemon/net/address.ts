/** Multiaddrs as Warren uses them: a host, a TCP port and perhaps a PeerId. */

import { isIPv4, isIPv6 } from 'node:net'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { WarrenError } from '../../protocol/errors.ts'
import { readDeviceId, type DeviceId } from '../../protocol/ids.ts'

export const defaultPort = 7718

export interface Address {
  /** An IP address or a DNS name. */
  readonly host: string
  readonly port: number
  /** Without the PeerId: how addresses are kept and compared. */
  readonly text: string
}

const hostKinds = ['ip4', 'ip6', 'dns', 'dns4', 'dns6']

/** The multiaddr of a host and a port, without PeerId. */
export function addressOf(host: string, port: number): Address {
  const kind = isIPv4(host) ? 'ip4' : isIPv6(host) ? 'ip6' : 'dns'
  return { host, port, text: `/${kind}/${host}/tcp/${port}` }
}

/** Reads a multiaddr. Throws BAD_SHAPE unless it is a host and a TCP port, with or without a PeerId. */
export function readAddress(text: string): { address: Address; device: DeviceId | undefined } {
  let parts: ReturnType<Multiaddr['getComponents']>
  try {
    parts = multiaddr(text).getComponents()
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not a multiaddr', { cause })
  }
  const [host, tcp, peer, ...rest] = parts
  const port = Number(tcp?.value)
  if (host?.value === undefined || !hostKinds.includes(host.name) || tcp?.name !== 'tcp' || !(port > 0)) {
    throw new WarrenError('BAD_SHAPE', 'not a multiaddr of a host and a TCP port')
  }
  if ((peer !== undefined && peer.name !== 'p2p') || rest.length > 0) {
    throw new WarrenError('BAD_SHAPE', 'a multiaddr goes on after the port with something else than a PeerId')
  }
  return {
    address: { host: host.value, port, text: `/${host.name}/${host.value}/tcp/${port}` },
    device: peer === undefined ? undefined : readDeviceId(peer.value),
  }
}

/** The same, or undefined: for lists from peers, of which the good part is used. */
export function tryAddress(text: string): Address | undefined {
  try {
    return readAddress(text).address
  } catch {
    return undefined
  }
}

/** The address of a connection's other end. */
export const remoteAddress = (remote: Multiaddr): Address => {
  const [host, tcp] = remote.getComponents()
  return addressOf(host?.value ?? '', Number(tcp?.value ?? 0))
}

/** What a person types on another device: `192.168.1.7:7718`, `[fd00::7]:7718`. */
export const typedAddress = (ip: string, port: number): string => (isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`)
