/** A multiaddr as a person would type it: `192.168.1.7:7718`, `[fd00::2]:7718`. */

export function typedAddress(multiaddr: string): string {
  const [, kind, host, port] = /^\/(ip4|ip6|dns[46]?|dnsaddr)\/([^/]+)\/tcp\/(\d+)/.exec(multiaddr) ?? []
  if (host === undefined || port === undefined) return multiaddr
  return kind === 'ip6' ? `[${host}]:${port}` : `${host}:${port}`
}
