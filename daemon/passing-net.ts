/** The network of a home that is only read, while it asks to come back: under a key that is made for this, silent, and reached by nobody. */

import { publicBytes, signingKeyFromSeed } from '../protocol/crypto.ts'
import { errorCode } from '../protocol/errors.ts'
import { deviceIdOf, personIdOf, type DeviceId } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import { inTime, pause } from './devices/in-time.ts'
import type { DeviceTalk } from './devices/talk.ts'
import type { Greeter } from './net/greeter.ts'
import { Net } from './net/net.ts'
import type { NetListener } from './net/net-parts.ts'
import type { NetLog } from './net/net-log.ts'
import type { Timers } from './timers.ts'

export interface PassingNetDeps {
  readonly random: (length: number) => Uint8Array
  readonly timers: Timers
  readonly log: NetLog
  /** Whether devices nearby are looked for. */
  readonly mdns: boolean
}

/** Until the first device nearby has said hello, and until the others have. */
const firstMs = 8_000
const othersMs = 1_500
/** Without any talk. */
const restAfterMs = 30_000

/** Nothing is announced of this, and nobody else on the network gets in. */
const here = { listen: ['/ip4/127.0.0.1/tcp/0'], port: 0 }

const nothing = (): void => undefined

export class PassingNet {
  readonly #deps: PassingNetDeps
  readonly #seed: Uint8Array
  readonly #greeter: Greeter
  readonly #listener: NetListener
  readonly #near = new Map<DeviceId, string>()
  #anybody = Promise.withResolvers<void>()
  #net: Promise<Net> | undefined
  /** One starts and ends behind the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #uses = 0
  #callOff = nothing
  #isClosed = false

  constructor(deps: PassingNetDeps) {
    this.#deps = deps
    this.#seed = deps.random(32)
    // Nobody knows this person, and nobody is asked for anything as them.
    const person = personIdOf(deps.random(32))
    this.#greeter = {
      hello: () => ({ person, wish: { is: 'nothing' }, name: '', proof: [] }),
      heard: () => 'stranger',
    }
    this.#listener = {
      link: nothing,
      seen: ({ device, addresses: [address] }) => {
        if (address === undefined || this.#near.size >= limits.nearbyDevices) return
        this.#near.set(device, `${address}/p2p/${device}`)
        this.#anybody.resolve()
      },
      gone: (device) => void this.#near.delete(device),
      mismatched: nothing,
      matched: nothing,
      duplicate: nothing,
      blob: (talk) => talk.end(),
      talk: (talk) => talk.end(),
      networkChanged: nothing,
    }
  }

  /** What the other end of a talk sees. */
  get device(): DeviceId {
    return deviceIdOf(publicBytes(signingKeyFromSeed(this.#seed)))
  }

  /** As Net.talk(). */
  async talk(address: string, signal: AbortSignal): Promise<DeviceTalk> {
    const net = await this.#begin()
    try {
      const talk = await net.talk(address, signal)
      const end = once(() => {
        talk.end()
        this.#end()
      })
      const { device, source } = talk
      return { device, source, send: (frame) => talk.send(frame), next: async (ending) => await talk.next(ending), end }
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** Multiaddrs with PeerId of those who answered in a few seconds. */
  async nearby(signal: AbortSignal): Promise<readonly string[]> {
    const { mdns, timers } = this.#deps
    if (!mdns) return []
    await this.#begin()
    try {
      await inTime(timers, firstMs, signal, async () => await this.#anybody.promise)
      await pause(timers, othersMs, signal)
      return [...this.#near.values()]
    } catch (error) {
      if (errorCode(error) === 'TIMED_OUT') return []
      throw error
    } finally {
      this.#end()
    }
  }

  /** Nothing is begun any more, and what runs is ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff()
    await this.#stop()
  }

  async #begin(): Promise<Net> {
    this.#uses += 1
    this.#callOff()
    this.#net ??= this.#start()
    try {
      return await this.#net
    } catch (error) {
      this.#net = undefined
      this.#end()
      throw error
    }
  }

  #end(): void {
    this.#uses -= 1
    if (this.#uses > 0 || this.#isClosed) return
    this.#callOff()
    this.#callOff = this.#deps.timers.after(restAfterMs, () => void this.#stop())
  }

  async #start(): Promise<Net> {
    const { random, log, mdns } = this.#deps
    const listener = this.#listener
    // The addresses that it hears of are kept nowhere.
    const addressStore = { load: async () => await Promise.resolve([]), save: async () => await Promise.resolve() }
    const now = (): number => this.#deps.timers.now()
    const net = new Net(
      { seed: this.#seed, greeter: this.#greeter, addressStore, listener, log, now, random },
      { ...here, mdns },
    )
    const starting = this.#turn.then(async () => await net.start())
    this.#turn = starting.catch(nothing)
    await starting
    return net
  }

  async #stop(): Promise<void> {
    const running = this.#net
    if (running === undefined) return
    this.#net = undefined
    this.#near.clear()
    this.#anybody = Promise.withResolvers<void>()
    this.#turn = this.#turn.then(async () => await (await running).stop()).catch(nothing)
    await this.#turn
  }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}
