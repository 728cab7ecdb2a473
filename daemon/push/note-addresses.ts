/** Where a device can be reached that wakes another one, as its note says it. */

import type { LinkAddress } from '../../protocol/link-address.ts'

/** Addresses of tailnets reach furthest. */
export function noteAddresses(
  all: readonly { readonly kind: string; readonly multiaddr: string }[],
): readonly LinkAddress[] {
  const order = ['tailnet', 'lan', 'ipv6', 'other', 'loopback']
  return all
    .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .flatMap(({ multiaddr }): LinkAddress[] => {
      const [, version, host, port] = /^\/(ip[46])\/([^/]+)\/tcp\/(\d+)/.exec(multiaddr) ?? []
      if (version === undefined || host === undefined || Number(port) === 0) return []
      return [{ kind: version === 'ip4' ? 'ip4' : 'ip6', host, port: Number(port) }]
    })
}
