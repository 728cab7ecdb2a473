/** The addresses inside a link: a kind, the host in as few bytes as it takes, a port. */

import { concat, utf8, readUtf8 } from './bytes.ts'
import { WarrenError } from './errors.ts'
import type { LinkReader } from './link-reader.ts'
import { limits } from './limits.ts'

/** `host` is dotted IPv4, RFC 5952 IPv6 or a DNS name in lower case. */
export interface LinkAddress {
  readonly kind: 'ip4' | 'ip6' | 'dns'
  readonly host: string
  readonly port: number
}

/** Kinds from `skippable` on have one byte of length behind them, so that they can be stepped over. */
const kindCodes = { dns: 1, ip4: 4, ip6: 6, skippable: 128 } as const

const bad = (what: string): WarrenError => new WarrenError('BAD_SHAPE', `not ${what}`)

function ip4Bytes(host: string): Uint8Array {
  const parts = host.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) {
    throw bad('an IPv4 address')
  }
  return Uint8Array.from(parts, Number)
}

const words = (part: string): string[] => (part === '' ? [] : part.split(':'))

function ip6Bytes(host: string): Uint8Array {
  const [front = '', back, third] = host.split('::')
  const head = words(front)
  const tail = words(back ?? '')
  const gap = 8 - head.length - tail.length
  if (third !== undefined || (back === undefined ? gap !== 0 : gap < 1)) throw bad('an IPv6 address')
  const all = [...head, ...Array.from({ length: gap }, () => '0'), ...tail]
  if (all.some((word) => !/^[0-9a-f]{1,4}$/i.test(word))) throw bad('an IPv6 address')
  return Uint8Array.from(all.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]))
}

/** RFC 5952: the first longest run of at least two zero words is written as `::`. */
function ip6Text(bytes: Uint8Array): string {
  const all = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at += 1) {
    let length = 0
    while (at + length < 8 && all[at + length] === 0) length += 1
    if (length > best.length) best = { at, length }
  }
  const hex = all.map((word) => word.toString(16))
  if (best.at < 0) return hex.join(':')
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`
}

const hostPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const isHostName = (host: string): boolean => host.length <= limits.linkHostBytes && hostPattern.test(host)

function dnsBytes(host: string): Uint8Array {
  const name = host.toLowerCase()
  if (!isHostName(name)) throw bad('a host name')
  return concat(Uint8Array.of(name.length), utf8(name))
}

const hostBytes = { ip4: ip4Bytes, ip6: ip6Bytes, dns: dnsBytes } as const

/** Throws BAD_SHAPE for a host or a port that is none. */
export function addressBytes({ kind, host, port }: LinkAddress): Uint8Array {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw bad('a port')
  return concat(Uint8Array.of(kindCodes[kind]), hostBytes[kind](host), Uint8Array.of(port >> 8, port & 255))
}

/** Undefined for an address of a newer kind. Throws BAD_LINK. */
export function readAddress(from: LinkReader): LinkAddress | undefined {
  const code = from.byte()
  if (code >= kindCodes.skippable) {
    from.take(from.byte())
    return undefined
  }
  const [kind, host] = readHost(code, from)
  const port = (from.byte() << 8) | from.byte()
  if (port === 0) throw new WarrenError('BAD_LINK', 'the link has a wrong port')
  return { kind, host, port }
}

function readHost(code: number, from: LinkReader): [LinkAddress['kind'], string] {
  if (code === kindCodes.ip4) return ['ip4', from.take(4).join('.')]
  if (code === kindCodes.ip6) return ['ip6', ip6Text(from.take(16))]
  const host = code === kindCodes.dns ? readUtf8(from.take(from.byte())) : ''
  if (!isHostName(host)) throw new WarrenError('BAD_LINK', 'the link has a wrong host name')
  return ['dns', host]
}
