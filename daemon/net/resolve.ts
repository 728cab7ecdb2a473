/** Host names to IP addresses by the operating system's resolver, which also knows MagicDNS and `.local` names. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { WarrenError } from '../../protocol/errors.ts'
import { addressOf, type Address } from './address.ts'
import { raceSignal } from './race-signal.ts'

/** The addresses behind a name, IP addresses as they are. Throws HOST_NOT_FOUND. */
export async function resolve(address: Address, signal: AbortSignal): Promise<Address[]> {
  const { host, port, text } = address
  if (isIP(host) !== 0) return [address]
  const family = text.startsWith('/dns4/') ? 4 : text.startsWith('/dns6/') ? 6 : 0
  try {
    const found = await raceSignal(lookup(host, { all: true, family }), signal)
    return found.map((each) => addressOf(each.address, port))
  } catch (cause) {
    signal.throwIfAborted()
    throw new WarrenError('HOST_NOT_FOUND', `no host is known by the name ${host}`, { cause })
  }
}
