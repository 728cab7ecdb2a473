/** Keeps what this device and its linked peers share the same on both ends: a session per link, and what they coordinate. */

import { byeCodes } from '../../protocol/frames.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Register } from '../../protocol/register.ts'
import type { Log } from '../log.ts'
import { Arrivals, type ArrivalsListener } from './arrivals.ts'
import { CandidateBook } from './candidate-book.ts'
import { count, isRoster, feedsOf, unite, type Feeds } from './feeds.ts'
import { Fetches } from './fetches.ts'
import type { Link } from './link.ts'
import type { Appended, SyncLog, SyncPresence, SyncRegisters } from './log.ts'
import { OwnerFirst } from './owner-first.ts'
import { Partners } from './partners.ts'
import { Pushes } from './pushes.ts'
import type { Giver, SessionHost } from './session-host.ts'
import { Session } from './session.ts'
import { Tops } from './tops.ts'
import type { Timers } from '../timers.ts'

export interface SyncDeps {
  readonly log: SyncLog
  readonly registers: SyncRegisters
  readonly presence: SyncPresence
  readonly report: Log
  readonly timers: Timers
  /** From 0 up to 1. */
  readonly random: () => number
}

export interface SyncOptions {
  /** How long a want may bring nothing before its ranges are wanted elsewhere. */
  readonly patienceMs?: number
  /** How long foreign entries wait for others to say that they hold them; up to twice as long, at random. */
  readonly relayDelayMs?: number
}

export class Sync {
  readonly #deps: SyncDeps
  readonly #host: SessionHost
  readonly #fetches: Fetches
  readonly #ownerFirst: OwnerFirst
  readonly #arrivals: Arrivals
  readonly #partners: Partners
  readonly #pushes: Pushes
  readonly #tops: Tops
  readonly #sessions = new Set<Session>()
  readonly #running = new Set<Promise<void>>()
  readonly #typed = new Map<Scope, number>()
  readonly #unsubscribe: readonly (() => void)[]
  /** Counts changes of who is linked with which scopes open. */
  #version = 0
  #callOffRefresh: (() => void) | undefined
  #closed = false

  constructor(deps: SyncDeps, { patienceMs = 10_000, relayDelayMs = 50 }: SyncOptions = {}) {
    const { log, registers, timers, random } = deps
    this.#deps = deps
    this.#arrivals = new Arrivals(timers, (scope) => this.#leftOf(scope))
    this.#fetches = new Fetches(timers, patienceMs, (scope) => this.#arrivals.touched(scope))
    this.#partners = new Partners(random)
    this.#tops = new Tops(log, timers)
    this.#ownerFirst = new OwnerFirst(timers)
    this.#pushes = new Pushes({ timers, random, partners: (scope) => this.#partnersOf(scope) }, relayDelayMs)
    this.#host = {
      ...deps,
      fetches: this.#fetches,
      ownerFirst: this.#ownerFirst,
      candidates: new CandidateBook(() => timers.now()),
      rows: (scope, device, rows) => this.#tops.heard(scope, device, rows),
      kept: (scope, feeds, giver) => this.#kept(scope, feeds, giver),
      told: (scope, device, feeds) => this.#pushes.told(scope, device, feeds),
      keysTaken: (scope) => this.#answerOwedKeys(scope),
      changed: () => {
        this.#version += 1
      },
    }
    this.#unsubscribe = [
      log.onAppended((appended) => this.#appended(appended)),
      log.onScopesChanged((gone) => this.#scopesChanged(gone)),
      registers.onChanged((register, from) => this.#registerChanged(register, from)),
    ]
  }

  /** Begins a session that lasts until the link closes. After close() the link is closed instead. */
  addLink(link: Link): void {
    this.#track(this.#closed ? link.close(byeCodes.closing) : this.#run(link))
  }

  /** Tells linked devices that may see the scope that the owner is typing; at most once per limits.typingEveryMs. */
  typing(scope: Scope): void {
    const now = this.#deps.timers.now()
    for (const [each, at] of this.#typed) if (now - at >= limits.typingEveryMs) this.#typed.delete(each)
    if (this.#typed.has(scope)) return
    this.#typed.set(scope, now)
    for (const session of this.#devices().values()) session.typing(scope)
  }

  /** The owner waits for an answer: peers wait meanwhile, for a moment at most. Returns what is to be called when they have it. */
  asked(): () => void {
    return this.#ownerFirst.asks()
  }

  /** Fetches the newest messages of `devices` that linked peers hold, as far as they give them in time; see Tops. */
  async gatherTops(scope: Scope, devices: Iterable<DeviceId>): Promise<void> {
    const peers = [...this.#devices().values()].filter((session) => session.mayGive(scope))
    await this.#tops.gather(scope, devices, peers)
  }

  /** Told while more than a moment's worth of messages is on its way. */
  onArriving(listener: ArrivalsListener): void {
    this.#arrivals.listen(listener)
  }

  #leftOf(scope: Scope): number {
    const offered = unite(...[...this.#sessions].map((session) => session.offers(scope)))
    if (offered.length === 0) return 0
    return count(this.#deps.log.lacking(scope, offered).filter((feed) => !isRoster(feed)))
  }

  /** Linked with this device, and nothing is on its way from there that it is known to hold. */
  isLevel(device: DeviceId): boolean {
    return this.#devices().get(device)?.isLevel() ?? false
  }

  links(): readonly Link[] {
    return [...this.#sessions].map(({ link }) => link)
  }

  /** Ends every session. Resolves when nothing of them runs any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#callOffRefresh?.()
    this.#pushes.close()
    this.#arrivals.close()
    await Promise.all([...this.#sessions].map(async ({ link }) => await link.close(byeCodes.closing)))
    await Promise.all(this.#running)
  }

  #track(running: Promise<void>): void {
    const tracked = running.finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
  }

  async #run(link: Link): Promise<void> {
    const { presence } = this.#deps
    const session = new Session(link, this.#host)
    const first = !this.#devices().has(link.device)
    this.#sessions.add(session)
    this.#version += 1
    if (first) presence.linked(link.device)
    await session.run()
    this.#sessions.delete(session)
    this.#version += 1
    if (!this.#devices().has(link.device)) presence.unlinked(link.device)
  }

  /** The newest session of each linked device. */
  #devices(): Map<DeviceId, Session> {
    return new Map([...this.#sessions].map((session) => [session.device, session]))
  }

  #partnersOf(scope: Scope): readonly Session[] {
    const open = (): DeviceId[] =>
      [...this.#devices().values()].filter((session) => session.mayGive(scope)).map(({ device }) => device)
    const partners = this.#partners.of(scope, this.#version, this.#deps.timers.now(), open)
    if (partners.length === 0) return []
    const devices = this.#devices()
    return partners.flatMap((device) => devices.get(device) ?? [])
  }

  #appended(appended: Appended): void {
    // What was typed is said: what the owner types next is news.
    if (appended.from === undefined) this.#typed.delete(appended.scope)
    this.#pushes.appended(appended)
    this.#tops.arrived(appended.scope)
    if (feedsOf(appended.runs).some(isRoster)) this.#answerOwedKeys(appended.scope)
  }

  #kept(scope: Scope, feeds: Feeds, giver: Giver): void {
    giver.have(scope, feeds)
    for (const partner of this.#partnersOf(scope)) if (partner !== giver) partner.have(scope, feeds)
  }

  #answerOwedKeys(scope: Scope): void {
    for (const session of this.#sessions) session.answerOwedKeys(scope)
  }

  #registerChanged(register: Register, from: DeviceId | undefined): void {
    for (const partner of this.#partnersOf(register.scope)) if (partner.device !== from) partner.register(register)
  }

  #scopesChanged(gone: Scope | undefined): void {
    if (gone !== undefined) for (const session of this.#sessions) session.forget(gone)
    this.#refreshSoon()
  }

  /** Once per turn, however many scopes change in it. */
  #refreshSoon(): void {
    this.#callOffRefresh ??= this.#deps.timers.after(0, () => {
      this.#callOffRefresh = undefined
      for (const session of this.#sessions) session.refresh()
    })
  }
}
