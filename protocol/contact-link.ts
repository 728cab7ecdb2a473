/** `warren:` links: a person, some of their devices and where to reach them, in at most 200 characters. */

import { base64url } from 'multiformats/bases/base64'
import { compareBytes, concat, readUtf8, utf8 } from './bytes.ts'
import { sha256 } from './crypto.ts'
import { WarrenError } from './errors.ts'
import { deviceBytes, idBytes, personIdOf, type DeviceId, type PersonId } from './ids.ts'
import { limits } from './limits.ts'

/** `ip` is dotted IPv4, RFC 5952 IPv6 or a DNS name. */
export interface LinkAddress {
  readonly kind: 'ip4' | 'ip6' | 'dns'
  readonly host: string
  readonly port: number
}

export interface LinkDevice {
  /** The first 16 bytes of the device's public key: enough to tell it from any other. */
  readonly prefix: Uint8Array
  readonly addresses: readonly LinkAddress[]
}

export interface ContactLink {
  readonly person: PersonId
  readonly devices: readonly LinkDevice[]
}

const scheme = 'warren:'
const version = 1
const prefixBytes = 16

export const devicePrefix = (device: DeviceId): Uint8Array => deviceBytes(device).subarray(0, prefixBytes)

/** True if the link names this device. */
export const namesDevice = (link: ContactLink, device: DeviceId): boolean =>
  link.devices.some(({ prefix }) => compareBytes(prefix, devicePrefix(device)) === 0)

const kindCodes = { ip4: 4, ip6: 6, dns: 1 } as const

function ip6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const front = words(head)
  const back = words(tail ?? '')
  const gap = 8 - front.length - back.length
  const all = tail === undefined ? front : [...front, ...Array.from({ length: Math.max(0, gap) }, () => '0'), ...back]
  if (all.length !== 8 || all.some((word) => !/^[0-9a-f]{1,4}$/i.test(word)))
    throw new WarrenError('BAD_SHAPE', 'not an IPv6 address')
  return Uint8Array.from(all.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]))
}

function ip6Text(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at += 1) {
    let length = 0
    while (at + length < 8 && words[at + length] === 0) length += 1
    if (length > best.length) best = { at, length }
  }
  const hex = words.map((word) => word.toString(16))
  return best.at < 0
    ? hex.join(':')
    : `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`
}

function hostBytes({ kind, host }: LinkAddress): Uint8Array {
  if (kind === 'ip6') return ip6Bytes(host)
  if (kind === 'dns') return concat(Uint8Array.of(utf8(host).length), utf8(host))
  const parts = host.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)))
    throw new WarrenError('BAD_SHAPE', 'not an IPv4 address')
  return Uint8Array.from(parts)
}

const addressBytes = (address: LinkAddress): Uint8Array =>
  concat(
    Uint8Array.of(kindCodes[address.kind]),
    hostBytes(address),
    Uint8Array.of(address.port >> 8, address.port & 255),
  )

function write(link: ContactLink): string {
  const body = concat(
    Uint8Array.of(version),
    idBytes(link.person),
    Uint8Array.of(link.devices.length),
    ...link.devices.flatMap(({ prefix, addresses }) => [
      prefix,
      Uint8Array.of(addresses.length),
      ...addresses.map(addressBytes),
    ]),
  )
  return scheme + base64url.baseEncode(concat(body, sha256(body).subarray(0, 4)))
}

/** Writes a link; the last addresses, then the last devices, are left out where it would grow over 200 characters. */
export function encodeContactLink(link: ContactLink): string {
  const text = write(link)
  if (text.length <= limits.contactLinkBytes) return text
  const longest = link.devices.findLastIndex(({ addresses }) => addresses.length > 1)
  const devices =
    longest < 0
      ? link.devices.slice(0, -1)
      : link.devices.map((each, at) => (at === longest ? { ...each, addresses: each.addresses.slice(0, -1) } : each))
  return encodeContactLink({ ...link, devices })
}

class Cursor {
  readonly #bytes: Uint8Array
  #at = 0
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }
  take(length: number): Uint8Array {
    const out = this.#bytes.subarray(this.#at, this.#at + length)
    if (out.length !== length) throw new WarrenError('BAD_LINK', 'the link is cut off')
    this.#at += length
    return out
  }
  byte(): number {
    return this.take(1)[0] ?? 0
  }
  get ended(): boolean {
    return this.#at === this.#bytes.length
  }
}

function readAddress(from: Cursor): LinkAddress {
  const code = from.byte()
  const port = (): number => (from.byte() << 8) | from.byte()
  if (code === kindCodes.ip4) return { kind: 'ip4', host: Array.from(from.take(4)).join('.'), port: port() }
  if (code === kindCodes.ip6) return { kind: 'ip6', host: ip6Text(from.take(16)), port: port() }
  if (code !== kindCodes.dns)
    throw new WarrenError('BAD_LINK', 'the link has an address of a kind that is not known here')
  const host = readUtf8(from.take(from.byte()))
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host))
    throw new WarrenError('BAD_LINK', 'the link has a wrong host name')
  return { kind: 'dns', host, port: port() }
}

/** Reads a link; spaces around it are ignored. Throws BAD_LINK: also for a wrong checksum, as after a typing error. */
export function readContactLink(text: unknown): ContactLink {
  if (typeof text !== 'string' || text.length > 2 * limits.contactLinkBytes)
    throw new WarrenError('BAD_LINK', 'not a contact link')
  const trimmed = text.trim()
  if (!trimmed.toLowerCase().startsWith(scheme) || trimmed.length > limits.contactLinkBytes) {
    throw new WarrenError('BAD_LINK', 'not a contact link')
  }
  let bytes: Uint8Array
  try {
    bytes = base64url.baseDecode(trimmed.slice(scheme.length))
  } catch (cause) {
    throw new WarrenError('BAD_LINK', 'the link has characters that do not belong there', { cause })
  }
  const body = bytes.subarray(0, -4)
  if (bytes.length < 38 || compareBytes(sha256(body).subarray(0, 4), bytes.subarray(-4)) !== 0) {
    throw new WarrenError('BAD_LINK', 'the checksum of the link is wrong: a part is missing or mistyped')
  }
  const from = new Cursor(body)
  if (from.byte() !== version) throw new WarrenError('BAD_LINK', 'the link was made by a newer Warren')
  const person = personIdOf(from.take(32))
  const devices = Array.from({ length: from.byte() }, () => ({
    prefix: from.take(prefixBytes),
    addresses: Array.from({ length: from.byte() }, () => readAddress(from)),
  }))
  if (!from.ended) throw new WarrenError('BAD_LINK', 'the link goes on after its end')
  return { person, devices }
}
