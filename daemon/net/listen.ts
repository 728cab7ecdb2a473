/** Starts the node where it shall listen, or says in one line why that cannot be. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Gate } from './gate.ts'
import { interfaceAddresses } from './ip.ts'
import type { NetLog } from './net-log.ts'
import { createNode, type NetNode } from './node.ts'

export interface ListenOptions {
  readonly listen: readonly string[]
  readonly port: number
}

/** Throws PORT_IN_USE, also where only one of IPv4 and IPv6 is taken; BAD_SHAPE for a listen address that is none. */
export async function listenOn(
  seed: Uint8Array,
  { listen, port }: ListenOptions,
  gate: Gate,
  log: NetLog,
): Promise<NetNode> {
  const everywhere = listen.length === 0
  const wanted = everywhere ? [`/ip4/0.0.0.0/tcp/${port}`, `/ip6/::/tcp/${port}`] : listen
  const node = await createNode(seed, wanted, gate.gater, (socket) => gate.watch(socket))
  try {
    await node.libp2p.start()
  } catch (cause) {
    throw listenError(cause, wanted)
  }
  // libp2p takes a failure on IPv6 alone for a host without IPv6.
  if (everywhere && !node.bound().some(({ text }) => text.startsWith('/ip6/'))) {
    if (interfaceAddresses().some(({ family }) => family === 6)) {
      await node.stop()
      throw new WarrenError('PORT_IN_USE', `port ${port} is taken on IPv6 by another program`)
    }
    log('info', 'this host has no IPv6: listening on IPv4 only')
  }
  return node
}

function listenError(cause: unknown, wanted: readonly string[]): WarrenError {
  const text = cause instanceof Error ? cause.message : ''
  const port = /\/tcp\/(\d+)/.exec(wanted.join(' '))?.[1] ?? ''
  if (text.includes('EADDRINUSE')) {
    return new WarrenError('PORT_IN_USE', `port ${port} is taken by another program`, { cause })
  }
  if (text.includes('EACCES'))
    return new WarrenError('PORT_IN_USE', `port ${port} may not be used by this user`, { cause })
  return new WarrenError('BAD_SHAPE', `cannot listen on ${wanted.join(' and ')}`, { cause })
}
