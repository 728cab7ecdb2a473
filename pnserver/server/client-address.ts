/** Whose request it is, as the limits count them: an address, also behind the operator's own proxies. Kept for the request alone. */

import { BlockList, isIP } from 'node:net'

/** `192.0.2.1`, `fd00::/8`. Throws a TypeError for anything else. */
export function trustedProxies(list: readonly string[]): BlockList {
  const trusted = new BlockList()
  for (const each of list) {
    const [address = '', prefix] = each.split('/')
    const family = familyOf(address)
    if (family === undefined || (prefix !== undefined && !/^\d{1,3}$/.test(prefix)))
      throw new TypeError(`${each} is no address`)
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  return trusted
}

const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined => {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

/** An IPv4 address that came over an IPv6 socket is an IPv4 address. */
const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, '')

function isTrusted(trusted: BlockList, address: string): boolean {
  const family = familyOf(address)
  return family !== undefined && trusted.check(address, family)
}

/**
 * The last address that no trusted proxy has: each proxy writes behind the others whom it heard, so what is before that may be made up.
 * `forwarded`: X-Forwarded-For.
 */
export function clientOf(remote: string, forwarded: string | undefined, trusted: BlockList): string {
  const hops = (forwarded ?? '').split(',').map((each) => plain(each))
  let client = plain(remote)
  while (isTrusted(trusted, client)) {
    const before = hops.pop()
    if (before === undefined || isIP(before) === 0) break
    client = before
  }
  return client
}

/** What is counted: an IPv4 address, or the first 64 bits of an IPv6 address. */
export const addressSubject = (client: string): Uint8Array => leading(client, 4)

/** An IPv4 address, or the first 48 bits of an IPv6 address: what whoever runs a site has all of. */
export const siteSubject = (client: string): Uint8Array => leading(client, 3)

/** So many times 16 bits of an IPv6 address. */
function leading(client: string, count: number): Uint8Array {
  if (isIP(client) !== 6) return Buffer.from(client)
  const [head = '', tail] = client.replace(/%.*$/, '').split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  const words = [...front, ...Array.from({ length: gap }, () => '0'), ...back]
  return Buffer.from(
    words
      .slice(0, count)
      .map((word) => Number.parseInt(word, 16).toString(16))
      .join(':'),
  )
}
