/** Multicast discovery on the LAN by @libp2p/mdns (IPv4, the interface of the default route), restarted at will. */

import type { ComponentLogger, PeerInfo } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { WarrenError } from '../../protocol/errors.ts'
import { readDeviceId, type DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { Adverts } from './adverts.ts'
import { readAddress } from './address.ts'
import { isPrivateAddress } from './ip.ts'
import type { NetLog } from './net-log.ts'

export interface MdnsDeps {
  readonly logger: ComponentLogger
  readonly log: NetLog
  /** What is announced: multiaddrs with PeerId. */
  readonly announced: () => readonly string[]
  /** Called for every answer on the network, several times a minute for each device. */
  readonly found: (device: DeviceId, addresses: readonly string[]) => void
}

type Service = ReturnType<ReturnType<typeof mdns>> & { start(): Promise<void>; stop(): Promise<void> }
type Components = Parameters<ReturnType<typeof mdns>>[0]

/** As part of the node it would tell each peer once, announce what the node announces, and never join a new interface. */
export class Mdns {
  readonly #deps: MdnsDeps
  readonly #everyMs: number
  readonly #adverts = new Adverts(() => performance.now())
  #service: Service | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: MdnsDeps, everyMs: number) {
    this.#deps = deps
    this.#everyMs = everyMs
  }

  /** Stops what runs and starts anew on the interfaces that there are now. */
  async restart(): Promise<void> {
    await this.#next(async () => {
      await this.#service?.stop()
      const addressManager = { getAddresses: (): Multiaddr[] => this.#deps.announced().map((each) => multiaddr(each)) }
      // Of the address manager it asks for this one list only.
      const components = { addressManager, logger: this.#deps.logger } as unknown as Components
      const service = mdns({ interval: this.#everyMs })(components) as Service
      this.#limit(service)
      service.addEventListener('peer', ({ detail }) => this.#onPeer(detail))
      this.#service = service
      await service.start()
    })
  }

  async stop(): Promise<void> {
    await this.#next(async () => {
      await this.#service?.stop()
      this.#service = undefined
    })
  }

  async #next(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step).catch(() => this.#deps.log('warn', 'multicast discovery failed'))
    await this.#turn
  }

  /** Before anything of an advert is read: the service would take apart as many as come. */
  #limit(service: Service): void {
    for (const name of ['_onMdnsResponse', '_onMdnsQuery']) {
      const pass: unknown = Reflect.get(service, name)
      if (typeof pass !== 'function') throw new WarrenError('INTERNAL', 'this mDNS is built in another way')
      Reflect.set(service, name, (message: unknown, from?: { readonly address?: string }) => {
        if (this.#adverts.admits(from?.address ?? '')) Reflect.apply(pass, service, [message, from])
      })
    }
  }

  /** Anybody can send these: only private addresses are believed, and only so many. */
  #onPeer({ id, multiaddrs }: PeerInfo): void {
    try {
      const device = readDeviceId(id.toString())
      const addresses = multiaddrs
        .slice(0, limits.addressesPerDevice)
        .map((each) => readAddress(each.toString()).address)
        .filter(({ host, text }) => text.startsWith('/ip') && isPrivateAddress(host))
        .map(({ text }) => text)
      if (addresses.length > 0) this.#deps.found(device, addresses)
    } catch {
      // Not one of ours, or forged.
    }
  }
}
