/** How a push server is named: by its origin. docs/protocol.md, section 24. */

import { WarrenError } from './errors.ts'

export interface PushServer {
  /** As it was named: `https://push.example.org`, or `http://100.64.0.7:7719`. */
  readonly origin: string
  readonly isSecure: boolean
  /** A name in lower case, or an address without brackets. */
  readonly host: string
  readonly isAddress: boolean
  readonly port: number
}

/** Nothing behind the port, no user, no capitals: nothing that two readers could take for two places. */
const shape = /^(https?):\/\/([a-z\d.-]+|\[[\da-f:]+\])(?::([1-9]\d{0,4}))?$/
const ip4 = /^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])\.){3}(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/
/** The last part of a name is never a number: parsers take that for an address in one of many spellings. */
const name = /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)*[a-z](?:[a-z\d-]*[a-z\d])?$/
const defaultPorts: Readonly<Record<string, number>> = { https: 443, http: 80 }

/** Throws BAD_SHAPE. Without TLS a server is named by its address alone; whether that is one of an own network is not looked at. */
export function readPushServer(origin: string): PushServer {
  const [, scheme = '', hostname = '', port] = shape.exec(origin) ?? []
  const isSix = hostname.startsWith('[')
  const isAddress = isSix || ip4.test(hostname)
  const usual = defaultPorts[scheme] ?? 0
  const number = port === undefined ? usual : Number(port)
  const isNamed = isAddress || (scheme === 'https' && hostname.length <= 253 && name.test(hostname))
  if (!isNamed || number > 65_535 || (port !== undefined && number === usual))
    throw new WarrenError('BAD_SHAPE', 'not the address of a push server, such as https://push.example.org')
  const host = isSix ? hostname.slice(1, -1) : hostname
  return { origin, isSecure: scheme === 'https', host, isAddress, port: number }
}
