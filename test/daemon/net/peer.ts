/** A Net with a greeter that knows whom it wants, for tests: everything it was told is kept and can be waited for. */

import { randomBytes } from 'node:crypto'
import type { Greeter, SeenPeer } from '../../../daemon/net/greeter.ts'
import type { KnownAddress } from '../../../daemon/net/address-book.ts'
import { Net } from '../../../daemon/net/net.ts'
import type { NetOptions } from '../../../daemon/net/net-parts.ts'
import type { NetBlobTalk } from '../../../daemon/net/blob-talk.ts'
import type { NetLink, SyncFrame } from '../../../daemon/net/net-link.ts'
import { personIdOf, type DeviceId, type PersonId } from '../../../protocol/ids.ts'
import type { Hello } from '../../../protocol/hello.ts'
import { ownPort } from '../../support/own-port.ts'

export interface Peer {
  readonly net: Net
  readonly device: DeviceId
  readonly person: PersonId
  /** Devices that this one's owner wants; both wanting makes a contact. */
  readonly wants: Set<DeviceId>
  readonly links: NetLink[]
  readonly seen: SeenPeer[]
  readonly gone: DeviceId[]
  /** Mismatches and matches as they were told. */
  readonly answers: { device: DeviceId; address: string; answering?: DeviceId }[]
  /** How often it was told that another copy of it runs. */
  duplicates: number
  /** Frames of all links, if it reads. */
  readonly frames: SyncFrame[]
  readonly heard: { device: DeviceId; hello: Hello }[]
  /** Streams on which it was asked for files. */
  readonly blobs: NetBlobTalk[]
  readonly logged: string[]
  readonly saved: Map<string, KnownAddress>
  /** Resolves as soon as the condition holds; it is looked at again after everything that the net says. */
  until(condition: () => boolean): Promise<void>
  /** A multiaddr with PeerId. */
  address(): string
  port(): number
}

export interface PeerOptions extends Partial<NetOptions> {
  readonly seed?: Uint8Array
  readonly wants?: readonly DeviceId[]
  readonly heard?: Greeter['heard']
  /** False: the test reads the frames of the links itself. */
  readonly reads?: boolean
}

/** Where a peer listens whose place others take later, or itself again. */
export const atOwnPort = async (): Promise<{ listen: string[] }> => ({
  listen: [`/ip4/127.0.0.1/tcp/${await ownPort()}`],
})

/** Makes and starts a peer on 127.0.0.1. */
export async function startPeer(options: PeerOptions = {}): Promise<Peer> {
  const { seed = randomBytes(32), wants = [], heard, reads = true, ...net } = options
  const person = personIdOf(randomBytes(32))
  const waiting = new Set<() => void>()
  const look = (): void => setImmediate(() => waiting.forEach((each) => each())) as unknown as void
  const peer: Omit<Peer, 'net' | 'device'> & { net?: Net } = {
    person,
    wants: new Set(wants),
    links: [],
    seen: [],
    gone: [],
    answers: [],
    duplicates: 0,
    frames: [],
    heard: [],
    blobs: [],
    logged: [],
    saved: new Map(),
    async until(condition) {
      if (condition()) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const check = (): void => {
        if (condition()) resolve()
      }
      waiting.add(check)
      await promise
      waiting.delete(check)
    },
    address: () => peer.net?.listening()[0] ?? '',
    port: () => Number(/\/tcp\/(\d+)/.exec(peer.address())?.[1]),
  }
  peer.net = new Net(
    {
      seed,
      greeter: {
        hello: ({ device }) => ({
          person,
          wish: peer.wants.has(device) ? { is: 'contact', note: '', number: 1 } : { is: 'nothing' },
          name: 'somebody',
          proof: [],
        }),
        heard: (from, hello) => {
          peer.heard.push({ device: from.device, hello })
          look()
          if (heard !== undefined) return heard(from, hello)
          return hello.wish.is === 'contact' && peer.wants.has(from.device) ? 'link' : 'stranger'
        },
      },
      addressStore: {
        load: () => Promise.resolve([...peer.saved.values()]),
        save: (changes, removed) => {
          for (const each of changes) peer.saved.set(`${each.device} ${each.address}`, each)
          for (const each of removed) peer.saved.delete(`${each.device} ${each.address}`)
          return Promise.resolve()
        },
      },
      listener: {
        link: (link) => {
          peer.links.push(link)
          link.closed.addEventListener('abort', look)
          if (reads) void readAll(link, peer.frames, look)
          look()
        },
        seen: (seen) => {
          peer.seen.push(seen)
          look()
        },
        gone: (device) => {
          peer.gone.push(device)
          look()
        },
        mismatched: (device, address, answering) => {
          peer.answers.push({ device, address, answering })
          look()
        },
        matched: (device, address) => {
          peer.answers.push({ device, address })
          look()
        },
        duplicate: () => {
          peer.duplicates += 1
          look()
        },
        blob: (talk) => {
          peer.blobs.push(talk)
          look()
        },
        talk: (talk) => talk.end(),
        networkChanged: look,
      },
      log: (_level, text) => {
        peer.logged.push(text)
        look()
      },
      now: Date.now,
      random: (length) => randomBytes(length),
    },
    { listen: ['/ip4/127.0.0.1/tcp/0'], port: 0, mdns: false, ...net },
  )
  await peer.net.start()
  return Object.assign(peer, { net: peer.net, device: peer.net.device })
}

async function readAll(link: NetLink, into: SyncFrame[], look: () => void): Promise<void> {
  for await (const frame of link.frames) {
    into.push(frame)
    look()
  }
}

/** Two that want each other; the port of the second stays its own when it is gone. */
export async function startPair(options: PeerOptions = {}): Promise<[Peer, Peer]> {
  const [alice, bob] = await Promise.all([startPeer(options), startPeer({ ...(await atOwnPort()), ...options })])
  alice.wants.add(bob.device)
  bob.wants.add(alice.device)
  return [alice, bob]
}

/** The same, linked. */
export async function startLinked(options: PeerOptions = {}): Promise<[Peer, Peer]> {
  const [alice, bob] = await startPair(options)
  await alice.net.look(bob.address(), AbortSignal.timeout(60_000))
  await bob.until(() => bob.net.links().length === 1)
  return [alice, bob]
}
