/** What lives as long as the process: the lock of the home, the API, and who opens and shuts the house behind them. */

import { errorCode } from '../protocol/errors.ts'
import type { Api } from './api/api.ts'
import { listenApi, type ApiListeners } from './api/listen.ts'
import type { Bus } from './bus.ts'
import type { Closers } from './closers.ts'
import { openHouse, type OpenHouse } from './house.ts'
import { Keeper } from './lock/keeper.ts'
import { logWord, type Log } from './log.ts'
import type { LogFile } from './log-file.ts'
import type { DaemonOptions } from './options.ts'
import { random } from './random.ts'
import { openSessionFile } from './session-file.ts'
import { Sleeping } from './sleeping.ts'
import { homePaths } from './store/home.ts'
import type { Store } from './store/store.ts'
import { Vault } from './store/vault.ts'
import { systemTimers } from './timers.ts'

export interface Journal {
  readonly log: Log
  readonly file: LogFile
}

export interface FrontDeps extends Journal {
  readonly bus: Bus
  readonly api: Api
  readonly closers: Closers
}

/** The port that a multiaddr names; 0 if there is none. */
const portOf = (address: string | undefined): number => Number(/\/tcp\/(\d+)/.exec(address ?? '')?.[1] ?? 0)

export class Front {
  readonly #options: DaemonOptions
  readonly #deps: FrontDeps
  readonly #vault: Vault
  readonly #keys: Keeper
  readonly sleeping: Sleeping
  #house: OpenHouse | undefined
  #listeners: ApiListeners | undefined
  #address = ''
  /** Where peers found this device last: at the same place from then on, also where any would do. */
  #peerPort = 0
  #isAsleep = false
  /** What the house is opened for now. */
  #wake: { readonly note: Uint8Array | undefined } | undefined

  /** Use Front.open(). */
  constructor(vault: Vault, options: DaemonOptions, deps: FrontDeps) {
    this.#options = options
    this.#deps = deps
    this.#vault = vault
    this.#keys = new Keeper({
      vault,
      openHouse: async (store) => await this.#openHouse(store),
      onLock: () => this.#shut(),
      onFailed: (error) => deps.log('error', 'the home could not be locked or opened', { code: errorCode(error) }),
      timers: systemTimers,
      randomBytes: random,
    })
    this.sleeping = new Sleeping({
      fallAsleep: async () => await this.#fallAsleep(),
      wakeUp: async (note) => await this.#wakeUp(note),
      nudged: async (note) => await this.#house?.woken(note),
      timers: systemTimers,
      log: deps.log,
    })
  }

  /** Everything is up when it resolves, or it is locked. Rejects as startDaemon(); `closers` close what was opened by then. */
  static async open(options: DaemonOptions, deps: FrontDeps): Promise<Front> {
    const { closers, log, file } = deps
    // First the home, which only one daemon may hold; then the port, so that health can be asked while the rest starts.
    const vault = await Vault.hold(options.home, {}, { randomBytes: random })
    closers.add(async () => await vault.close())
    file.open()
    log('info', 'the daemon starts', { version: logWord(options.version), node: logWord(process.versions.node) })
    const front = new Front(vault, options, deps)
    await front.#start()
    return front
  }

  /** `http://127.0.0.1:<port>` */
  get address(): string {
    return this.#address
  }

  /** Undefined while it is locked, or asleep. */
  get house(): OpenHouse | undefined {
    return this.#house
  }

  async #start(): Promise<void> {
    const { closers, api, log } = this.#deps
    await this.#listen(this.#options.apiPort)
    closers.add(async () => await this.#hangUp(false))
    closers.add(async () => await this.#keys.moveOut())
    const sessions = await openSessionFile(homePaths(this.#options.home).sessions, { randomBytes: random, log })
    await api.open({ sessions, keys: this.#keys })
    closers.add(() => api.setStatus('closing'))
    closers.add(async () => await this.sleeping.end())
    if (!(await this.#keys.start())) {
      api.locked()
      log('info', 'the home is locked')
    }
  }

  async #listen(port: number): Promise<void> {
    const { home, anyUser = false, serve } = this.#options
    const { api, log } = this.#deps
    const served = serve === undefined ? {} : { serveSocket: serve.socket }
    this.#listeners = await listenApi(api, { port, home, anyUser, ...served }, log)
    this.#address = this.#listeners.address
  }

  async #hangUp(hurries: boolean): Promise<void> {
    const listeners = this.#listeners
    this.#listeners = undefined
    await listeners?.close(hurries)
  }

  async #openHouse(store: Store): Promise<OpenHouse> {
    const { bus, log, api } = this.#deps
    const moved = (): void => {
      this.#keys.reopen().catch((error: unknown) => {
        log('error', 'the house could not be opened anew', { code: errorCode(error) })
      })
    }
    const isLookedAt = (id: string): boolean => api.isLookedAt(id)
    const apiPort = (): number => this.#listeners?.port ?? 0
    const wake = this.#wake === undefined ? {} : { wake: this.#wake }
    const deps = { bus, log, vault: this.#vault, moved, isLookedAt, apiPort, ...wake }
    const house = await this.#anyPort(
      this.#options.peerPort,
      this.#peerPort,
      async (peerPort) => await openHouse(store, { ...this.#options, peerPort }, deps),
    )
    this.#house = house
    this.#peerPort = portOf(house.listening()[0])
    api.unlocked(house.owner)
    log('info', 'the home is open')
    return house
  }

  #shut(): void {
    this.#house = undefined
    this.#deps.api.locked()
    if (!this.#isAsleep) this.#deps.log('info', 'the home is locked')
  }

  /** Where any port will do, the one that it had if that is free. */
  async #anyPort<T>(wanted: number, last: number, open: (port: number) => Promise<T>): Promise<T> {
    if (wanted !== 0 || last === 0) return await open(wanted)
    try {
      return await open(last)
    } catch (error) {
      if (errorCode(error) !== 'PORT_IN_USE') throw error
      return await open(wanted)
    }
  }

  async #fallAsleep(): Promise<void> {
    const { api, log } = this.#deps
    this.#isAsleep = true
    api.rest(true)
    try {
      await this.#hangUp(true)
    } finally {
      await this.#keys.sleep()
    }
    log('info', 'the daemon sleeps')
  }

  async #wakeUp(note: Uint8Array | undefined): Promise<void> {
    const { api, log } = this.#deps
    log('info', 'the daemon wakes')
    try {
      this.#wake = { note }
      await this.#keys.wake().finally(() => {
        this.#wake = undefined
      })
      const port = Number(new URL(this.#address).port)
      await this.#anyPort(this.#options.apiPort, port, async (wanted) => await this.#listen(wanted))
    } catch (error) {
      await this.#fallAsleep()
      throw error
    }
    api.rest(false)
    this.#isAsleep = false
  }
}
