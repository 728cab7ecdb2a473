/** What mDNS finds: contacts are linked with at once, strangers are asked for their name, few at a time. */

import type { ComponentLogger } from '@libp2p/interface'
import type { DeviceId } from '../../protocol/ids.ts'
import type { Dialler } from './dialler.ts'
import { Greetings } from './greetings.ts'
import { Mdns } from './mdns.ts'
import type { Nearby } from './nearby.ts'
import type { NetLog } from './net-log.ts'
import type { Times } from './times.ts'

export interface DiscoveryDeps {
  readonly device: DeviceId
  readonly nearby: Nearby
  readonly dialler: Dialler
  readonly linked: (device: DeviceId) => boolean
  /** Says hello to a stranger; rejects if it is not there. */
  readonly greet: (device: DeviceId) => Promise<void>
  readonly announced: () => readonly string[]
  readonly random: () => number
  readonly now: () => number
  readonly logger: ComponentLogger
  readonly log: NetLog
}

/** Both sides see each other at once: the one with the higher PeerId waits for the other's dial. */
const politeMs = 150

export class Discovery {
  readonly #deps: DiscoveryDeps
  readonly #mdns: Mdns
  readonly #greetings: Greetings

  constructor(deps: DiscoveryDeps, times: Times) {
    this.#deps = deps
    const { nearby, greet, random, now } = deps
    this.#greetings = new Greetings({
      greet,
      isWanted: (device, since) => nearby.source(device) !== undefined && !nearby.greetedSince(device, since),
      random,
      now,
    })
    const { logger, log, announced } = deps
    const found = (device: DeviceId, addresses: readonly string[]): void => this.#found(device, addresses)
    this.#mdns = new Mdns({ logger, log, announced, found }, times.mdnsEveryMs)
  }

  /** Starts, or starts anew after the interfaces changed. */
  async restart(): Promise<void> {
    await this.#mdns.restart()
  }

  async stop(): Promise<void> {
    this.#greetings.stop()
    await this.#mdns.stop()
  }

  #found(device: DeviceId, addresses: readonly string[]): void {
    const { nearby, dialler, linked } = this.#deps
    if (device === this.#deps.device) return
    const found = nearby.found(device, addresses)
    if (found === undefined || linked(device)) return
    if (dialler.keeps(device)) dialler.heardOf(device, this.#delayMs(device), found.fresh)
    else if (this.#greetings.hasRoom && nearby.claimGreeting(device, found.fresh))
      this.#greetings.after(device, this.#delayMs(device))
  }

  /** Spread out, for in a large room everybody sees the newcomer in the same millisecond. */
  #delayMs(device: DeviceId): number {
    const crowd = Math.min(5000, this.#deps.nearby.size * 20)
    return this.#deps.random() * crowd + (this.#deps.device > device ? politeMs : 0)
  }
}
