/** The libp2p node: TCP, Noise and yamux, without identify, ping, autodial or a memory for strangers. */

import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { Connection, ConnectionGater, Libp2p, Logger, MultiaddrConnection } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { concat } from '../../protocol/bytes.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { remoteAddress, type Address } from './address.ts'
import { boundedYamux } from './bounded-yamux.ts'
import { meteredTcp } from './metered-tcp.ts'
import { encrypter } from './encrypter.ts'

export interface NetNode {
  readonly libp2p: Libp2p
  /**
   * One connection to one address; with `device`, only to that device, and we do not say who we are before it has proven
   * that. libp2p's own dial() would queue all dials to one device behind each other, and return what it has.
   */
  dial(address: string, device: DeviceId | undefined, signal: AbortSignal): Promise<Connection>
  stop(): Promise<void>
  /** Ends every connection at once, without a word. */
  cut(): void
  /** Where it listens, on each of the host's addresses as they are now. */
  bound(): Address[]
}

interface Transports {
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<Connection>
  getAddrs(): Multiaddr[]
}

/** libp2p makes four logs for each connection and stream, and throws away what they are told: one that says so does. */
const silent: Logger = Object.assign(() => undefined, {
  error: () => undefined,
  trace: () => undefined,
  enabled: false,
  newScope: () => silent,
})

/** Makes a node that is not yet started. `dialled` is told of each socket that it opens. */
export async function createNode(
  seed: Uint8Array,
  listen: readonly string[],
  gater: ConnectionGater,
  dialled: (socket: MultiaddrConnection) => void = () => undefined,
): Promise<NetNode> {
  let transports: Transports | undefined
  let addressManager: object = {}
  const libp2p = await createLibp2p({
    start: false,
    logger: { forComponent: () => silent },
    // Seed and public half: computing the latter again in JS would take as long as the rest of the start.
    privateKey: privateKeyFromRaw(concat(seed, publicBytes(signingKeyFromSeed(seed)))),
    // Nothing is announced by libp2p itself: without identify nobody asks, and mDNS is handed its own list.
    addresses: { listen: [...listen], announceFilter: () => [] },
    transports: [meteredTcp(dialled)],
    connectionEncrypters: [encrypter()],
    streamMuxers: [boundedYamux()],
    connectionGater: gater,
    // It would kill busy connections on slow links; links have a heartbeat of their own.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: limits.connections + limits.strangerLinks,
      // Refused before the peer is known: the gate counts for itself, per address, and leaves room for contacts.
      maxIncomingPendingConnections: limits.connections,
      inboundConnectionThreshold: limits.connections,
      inboundUpgradeTimeout: limits.handshakeTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: limits.firstByteTimeoutMs,
      outboundStreamProtocolNegotiationTimeout: limits.firstByteTimeoutMs,
      reconnectRetries: 0,
    },
    services: {
      transports: (components) => {
        transports = components.transportManager
        addressManager = components.addressManager
        return {}
      },
    },
  })
  takeNoNotes(libp2p)
  return {
    libp2p,
    async dial(address, device, signal) {
      if (transports === undefined) throw new WarrenError('INTERNAL', 'the node has no transports')
      const to = device === undefined ? address : `${address}/p2p/${device}`
      // Node's socket keeps the signal that it was dialled with, and dies with it long after the dial: give it one of its own.
      const dialling = new AbortController()
      const onAbort = (): void => dialling.abort(signal.reason)
      signal.throwIfAborted()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await transports.dial(multiaddr(to), { signal: dialling.signal })
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    cut: () => cut(libp2p),
    async stop() {
      await libp2p.stop()
      quiet(addressManager)
    },
    bound: () => transports?.getAddrs().map((each) => remoteAddress(each)) ?? [],
  }
}

function cut(libp2p: Libp2p): void {
  for (const connection of libp2p.getConnections()) connection.abort(new WarrenError('LINK_CLOSED', 'closing'))
}

/**
 * libp2p notes in memory which protocols each peer ever spoke, behind locks that both ends of every new stream wait for. Nobody
 * here reads that, and strangers would fill it.
 */
function takeNoNotes({ peerStore, peerId: own }: Libp2p): void {
  const merge = peerStore.merge.bind(peerStore)
  peerStore.merge = async (peer, data, options) => {
    if (own.equals(peer)) return await merge(peer, data, options)
    return { id: peer, addresses: [], protocols: [], metadata: new Map(), tags: new Map() }
  }
}

/** libp2p waits a second before it notes that its addresses changed, also when it has stopped, and the process waits with it. */
function quiet(addressManager: object): void {
  const noting: unknown = Reflect.get(addressManager, '_updatePeerStoreAddresses')
  const stop: unknown = typeof noting === 'function' ? Reflect.get(noting, 'stop') : undefined
  if (typeof stop === 'function') Reflect.apply(stop, noting, [])
}
