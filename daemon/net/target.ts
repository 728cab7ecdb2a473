/** Reads whatever people type or paste to say where somebody is. */

import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import {
  linkTypeOf,
  readContactLink,
  readDeviceLink,
  type ContactLink,
  type LinkDevice,
} from '../../protocol/contact-link.ts'
import { readGroupLink } from '../../protocol/group-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { addressOf, defaultPort, readAddress, type Address } from './address.ts'

export interface Target {
  readonly addresses: readonly Address[]
  /** Set if a multiaddr named it. */
  readonly device: DeviceId | undefined
  /** Set if it was a `warren:` link, to a person or into a group. */
  readonly link: { readonly devices: readonly LinkDevice[] } | undefined
}

const bad = (why: string): WarrenError => new WarrenError('BAD_SHAPE', why)

function readPort(text: string | undefined): number {
  if (text === undefined) return defaultPort
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw bad('a port is a number from 1 to 65535')
  return port
}

function readHost(text: string): string {
  const name = domainToASCII(text)
  // `1.2.3` means 1.2.0.3 to some resolvers: a mistyped address must not reach another host.
  if (
    name.length === 0 ||
    name.length > 253 ||
    /^[\d.]+$/.test(name) ||
    !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/.test(name)
  )
    throw bad('not a host name or an address')
  return name
}

function readHostAndPort(text: string): Address {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  if (bracketed !== null) {
    const ip = bracketed[1] ?? ''
    if (!isIPv6(ip)) throw bad('not an IPv6 address')
    return addressOf(ip, readPort(bracketed[2]))
  }
  if (isIPv6(text)) return addressOf(text, defaultPort)
  if (/^[a-z+.-]+:\/\//i.test(text))
    throw bad('a device has no web address: write host or host:port, with nothing before or behind')
  const [host = '', port, ...rest] = text.split(':')
  if (rest.length > 0) throw bad('an IPv6 address with a port is written [address]:port')
  return addressOf(isIPv4(host) ? host : readHost(host), readPort(port))
}

/**
 * Reads `host`, `host:port`, IPv4, IPv6, `[IPv6]:port`, a multiaddr with or without a PeerId, or a `warren:` link; the
 * port is 7718 where none is given. Throws BAD_SHAPE, and BAD_LINK for links.
 */
export function readTarget(text: string, readLink: (text: string) => ContactLink = readContactLink): Target {
  const trimmed = text.trim()
  if (trimmed.length === 0 || trimmed.length > 512) throw bad('not an address')
  if (/^warren:/i.test(trimmed)) {
    const link = linkTypeOf(trimmed) === 'group' ? readGroupLink(trimmed) : readLink(trimmed)
    const addresses = link.devices.flatMap((device) => device.addresses.map(({ host, port }) => addressOf(host, port)))
    return { addresses, device: undefined, link }
  }
  if (trimmed.startsWith('/')) {
    const { address, device } = readAddress(trimmed)
    return { addresses: [address], device, link: undefined }
  }
  return { addresses: [readHostAndPort(trimmed)], device: undefined, link: undefined }
}

/** As readTarget(), but a link is one by which a device joins a person. */
export const readDeviceTarget = (text: string): Target => readTarget(text, readDeviceLink)

/** All that a person typed, but of a link only what led there; `given`: see Way. What a name leads to is not among it. */
export function givenByHand({ addresses, link }: Target, given: readonly string[]): string[] {
  const said = addresses.map(({ text }) => text)
  return link === undefined ? said : said.filter((each) => given.includes(each))
}
