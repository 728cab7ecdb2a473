/** A peer that keeps to no rules: a bare node that says what the test tells it to. */

import { randomBytes } from 'node:crypto'
import type { Connection, Stream } from '@libp2p/interface'
import { createNode, type NetNode } from '../../../daemon/net/node.ts'
import { askHello, helloProtocol } from '../../../daemon/net/hello-stream.ts'
import { syncProtocol } from '../../../daemon/net/meetings.ts'
import { deviceIdOf, personIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { publicBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import type { Hello } from '../../../protocol/hello.ts'

export interface RawPeer {
  readonly node: NetNode
  readonly device: DeviceId
  hello(change?: Partial<Hello>): Hello
  dial(address: string): Promise<Connection>
  sayHello(connection: Connection): Promise<Hello>
  /** Dials and says hello, asking for contact. */
  greet(address: string): Promise<Connection>
  sync(connection: Connection): Promise<Stream>
  stop(): Promise<void>
}

const signal = (): AbortSignal => AbortSignal.timeout(60_000)

/** Who it is; what it says in every hello may be set. */
export interface RawPeerOptions {
  readonly seed?: Uint8Array
  readonly hello?: Partial<Hello>
  /** The IP address that it dials from. */
  readonly from?: string
}

interface Transport {
  dial(address: unknown, options: object): Promise<Connection>
}

/** The options of a dial go to net.connect() as they are. */
function dialFrom({ libp2p }: NetNode, localAddress: string): void {
  const { transportManager } = Reflect.get(libp2p, 'components') as {
    transportManager: { getTransports(): Transport[] }
  }
  for (const transport of transportManager.getTransports()) {
    const dial = transport.dial.bind(transport)
    transport.dial = async (address, given) => await dial(address, { ...given, localAddress })
  }
}

export async function startRawPeer(options: RawPeerOptions = {}): Promise<RawPeer> {
  const { seed = randomBytes(32) } = options
  const node = await createNode(seed, ['/ip4/127.0.0.1/tcp/0'], {})
  await node.libp2p.start()
  if (options.from !== undefined) dialFrom(node, options.from)
  let linkNumber = 0
  const peer: RawPeer = {
    node,
    device: deviceIdOf(publicBytes(signingKeyFromSeed(seed))),
    hello: (change = {}) => ({
      versions: [1, 1],
      features: [],
      bootId: seed.subarray(0, 8),
      linkNumber: (linkNumber += 1),
      wallMs: Date.now(),
      person: personIdOf(seed),
      wish: { is: 'contact', note: '', number: 1 },
      name: 'mallory',
      proof: [],
      ...options.hello,
      ...change,
    }),
    dial: async (address) => await node.dial(address.replace(/\/p2p\/.*/, ''), undefined, signal()),
    async greet(address) {
      const connection = await peer.dial(address)
      await peer.sayHello(connection)
      return connection
    },
    async sayHello(connection) {
      const stream = await connection.newStream(helloProtocol, { signal: signal() })
      return await askHello(stream, peer.hello(), signal())
    },
    sync: async (connection) => await connection.newStream(syncProtocol, { signal: signal() }),
    stop: async () => await node.stop(),
  }
  return peer
}

/** Resolves when it is closed, by whichever side. */
export async function closed(target: Stream | Connection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (target.status !== 'open') return
  const on: { addEventListener(type: 'close', listener: () => void): void } = target
  on.addEventListener('close', () => resolve())
  await promise
}
