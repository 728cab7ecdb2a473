/** One link's share of sync: reads the peer's frames one by one, never waiting for the peer while it does. */

import { sameBytes } from '../../protocol/bytes.ts'
import { liveTyping } from '../../protocol/frames.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Register } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import { Candidates } from './candidates.ts'
import { CatchUp } from './catch-up.ts'
import { EarlyRegisters } from './early-registers.ts'
import { feedsOf, type Feeds } from './feeds.ts'
import type { Link, SyncFrame } from './link.ts'
import { KeyExchange } from './key-exchange.ts'
import { withKeys } from './key-frames.ts'
import { Missing } from './missing.ts'
import { Outbox } from './outbox.ts'
import type { PushTarget } from './pushes.ts'
import type { SessionHost } from './session-host.ts'
import { SessionLoops } from './session-loops.ts'
import { rangesOfRows, settledOfRows, type SharedScope } from './shared-scope.ts'
import { SharedScopes } from './shared-scopes.ts'

type FrameOf<Is extends SyncFrame['is']> = Extract<SyncFrame, { is: Is }>

/** Pushes are left to the next offer while more than this is queued. */
const mostPushBacklog = 1024 * 1024

export class Session implements PushTarget {
  readonly link: Link
  readonly #host: SessionHost
  readonly #outbox: Outbox
  readonly #catchUp: CatchUp
  readonly #keys: KeyExchange
  readonly #missing: Missing
  readonly #candidates: Candidates
  readonly #registers: EarlyRegisters
  readonly #loops: SessionLoops
  readonly #scopes: SharedScopes
  #gathering: SharedScope | undefined
  #callOffDigest: (() => void) | undefined

  constructor(link: Link, host: SessionHost) {
    this.link = link
    this.#host = host
    const { log, registers, timers, fetches, report } = host
    this.#outbox = new Outbox({ link, log, registers, timers, visible: (scope) => this.#scopes.visible(scope) })
    this.#keys = new KeyExchange({ log, outbox: this.#outbox, keysTaken: (scope) => host.keysTaken(scope) })
    this.#scopes = new SharedScopes({
      device: link.device,
      log,
      forgotten: (shared) => this.#forgotten(shared),
      begunAnew: (shared) => {
        shared.beginsAnew = true
        this.#outbox.offer(shared)
      },
    })
    this.#missing = new Missing({ link, log })
    this.#registers = new EarlyRegisters({ device: link.device, log, registers })
    const send = (frame: SyncFrame): void => link.send(frame)
    this.#candidates = new Candidates({ device: link.device, log, book: host.candidates, timers, send })
    this.#loops = new SessionLoops({
      link,
      report,
      take: async (frame) => await this.#take(frame),
      turn: () => host.ownerFirst.turn(),
      send: async () => await this.#outbox.run(),
      silence: () => this.#outbox.silence(),
    })
    this.#catchUp = new CatchUp({
      device: link.device,
      log,
      fetches,
      timers,
      report,
      closed: link.closed,
      sharedScope: (scope) => this.#scopes.get(scope),
      mayGive: (shared) => this.#mayGive(shared),
      want: (shared, feeds, budget) => this.#outbox.want(shared, feeds, budget),
    })
  }

  get device(): DeviceId {
    return this.link.device
  }

  /** Resolves when the link is closed and nothing of this session runs any more. Never rejects. */
  async run(): Promise<void> {
    const { closed } = this.link
    const silence = (): void => this.#outbox.silence()
    if (closed.aborted) silence()
    closed.addEventListener('abort', silence, { once: true })
    this.refresh()
    this.#offerLater()
    await this.#loops.run()
    this.#callOffDigest?.()
    this.#catchUp.leave()
    this.#candidates.close()
  }

  /** Offers every scope that the peer may see now, and forgets the others. */
  refresh(): void {
    const scopes = new Set(this.#host.log.scopesFor(this.device))
    this.#scopes.keep(scopes)
    for (const scope of scopes) this.announce(scope)
    this.#candidates.renew(false)
    this.#missing.farewell().catch(async (error: unknown) => await this.#loops.end(error))
  }

  /** The scope went, and may be back by now, without anything that was held of it. */
  forget(scope: Scope): void {
    this.#scopes.forget(scope)
  }

  #forgotten(shared: SharedScope): void {
    this.#outbox.forget(shared)
    this.#catchUp.leave(shared.scope)
    this.#host.changed()
  }

  mayGive(scope: Scope): boolean {
    const shared = this.#scopes.get(scope)
    return shared?.part === 'all' && shared.giving
  }

  /** What the peer holds of all that is shared is known, and nothing of it is lacking here. */
  isLevel(): boolean {
    const { log } = this.#host
    return log.scopesFor(this.device).every((scope) => {
      const shared = this.#scopes.get(scope)
      if (shared === undefined || !shared.open || shared.recovering.length > 0) return false
      return log.lacking(scope, shared.peerHas).length === 0
    })
  }

  holds(scope: Scope, feeds: Feeds): boolean {
    return this.#scopes.get(scope)?.claims(feeds) ?? false
  }

  /** What the peer said it holds, as far as it was lacking here when last looked at. */
  offers(scope: Scope): Feeds {
    return this.#scopes.get(scope)?.peerHas ?? []
  }

  push(scope: Scope, frames: readonly SyncFrame[]): void {
    const shared = this.#scopes.visible(scope)
    if (shared?.part !== 'all' || !shared.giving) return
    for (const frame of frames) {
      if (this.link.backlog > mostPushBacklog) {
        // The rest is left to be wanted: whoever reads this slowly catches up at their own pace.
        this.#outbox.offer(shared)
        return
      }
      for (const each of withKeys(frame, this.#host.log, this.device)) this.link.send(each)
    }
  }

  announce(scope: Scope): void {
    const shared = this.#scopes.visible(scope)
    if (shared !== undefined) this.#outbox.offer(shared)
  }

  have(scope: Scope, feeds: Feeds): void {
    const shared = this.#scopes.get(scope)
    if (shared !== undefined) this.#outbox.have(shared, feeds)
  }

  register(register: Register): void {
    const shared = this.#scopes.get(register.scope)
    if (shared?.giving === true) this.#outbox.register(shared, register)
  }

  typing(scope: Scope): void {
    const shared = this.#scopes.visible(scope)
    if (shared?.part === 'all' && shared.open && this.link.backlog < mostPushBacklog) {
      this.link.send({ is: 'live', scope, what: liveTyping, value: null })
    }
  }

  /** Keys came, or the roster changed: answers what could not be answered before. */
  answerOwedKeys(scope: Scope): void {
    if (this.#scopes.get(scope) === undefined) return
    const shared = this.#scopes.visible(scope)
    if (shared !== undefined) this.#keys.answerOwed(shared)
  }

  async #take(frame: SyncFrame): Promise<void> {
    await this.#registers.retry()
    if (frame.is === 'offer') return this.#takeOffer(frame)
    if (frame.is === 'registers') return await this.#registers.accept(frame.registers)
    if (frame.is === 'fetch') return await this.#missing.answer(frame.scope, frame.ids)
    // A scope that the peer may not see is treated like one that does not exist.
    const shared = this.#scopes.visible(frame.scope)
    if (shared === undefined) return await this.#takeUnshared(frame)
    switch (frame.is) {
      case 'vector':
        return await this.#takeVector(shared, frame)
      case 'want':
        return this.#outbox.serve(shared, frame.feeds, frame.budget)
      case 'entries':
        return await this.#takeEntries(shared, frame)
      case 'have':
        this.#host.log.peerHolds(shared.scope, this.device, frame.feeds)
        return this.#host.told(shared.scope, this.device, frame.feeds)
      case 'keys':
        return await this.#keys.take(shared, frame)
      case 'live':
        return this.#takeLive(shared, frame.what)
    }
  }

  async #takeUnshared(frame: Exclude<SyncFrame, { is: 'offer' | 'registers' | 'fetch' }>): Promise<void> {
    try {
      if (frame.is === 'entries' && (await this.#missing.takeParted(frame.scope, frame.runs))) return
    } catch (error) {
      return this.#loops.dropped('entries', error)
    }
    await this.#candidates.take(frame)
  }

  #takeOffer({ scopes }: FrameOf<'offer'>): void {
    const { log } = this.#host
    const unknown: Scope[] = []
    for (const { scope, digest } of scopes) {
      const shared = this.#scopes.visible(scope)
      if (shared === undefined) unknown.push(scope)
      if (shared === undefined) continue
      // The peer passed over what it was offered before it knew that this is its own, too, which nobody here can see: it is offered once more.
      const isLate = !shared.offered
      this.#wasOffered(shared)
      if (!sameBytes(digest, log.digest(scope, shared.part))) {
        this.#outbox.vector(shared)
        continue
      }
      if (shared.equals(digest)) log.peerHolds(scope, this.device, rangesOfRows(log.vector(scope, shared.part)))
      this.#open(shared)
      if (isLate) this.#outbox.offer(shared)
    }
    if (unknown.length > 0) this.#candidates.offered(unknown)
  }

  #wasOffered(shared: SharedScope): void {
    // A vector that follows is answered: the peer may have begun anew with this scope.
    shared.vectorSent = false
    // What was sent before the peer kept it is not there.
    if (!shared.offered && shared.giving) this.#outbox.registersOf(shared)
    shared.offered = true
  }

  async #takeVector(shared: SharedScope, { rows: some, more }: FrameOf<'vector'>): Promise<void> {
    const { log } = this.#host
    if (this.#gathering !== shared) this.#gathering?.forgetParts()
    this.#gathering = shared
    const rows = shared.gather(some, more)
    if (rows === undefined) return
    this.#host.rows(shared.scope, this.device, rows)
    shared.recovering = await log.recoverOwn(shared.scope, rows, this.device)
    const settled = settledOfRows(rows)
    shared.claimed = settled
    log.peerHolds(shared.scope, this.device, settled)
    this.#host.told(shared.scope, this.device, settled)
    if (!shared.vectorSent || this.#isAsked(shared, rows)) this.#outbox.vector(shared)
    this.#open(shared)
    this.#catchUp.offered(shared, rangesOfRows(rows))
    this.#keys.ask(shared)
  }

  /** A peer that does not keep it asks what is held here, each time that it needs to know: a log by itself, and then for a group that rests on it. */
  #isAsked({ scope, part, offered }: SharedScope, rows: readonly VectorRow[]): boolean {
    return rows.length === 0 && !offered && this.#host.log.vector(scope, part).length > 0
  }

  /** The peer's holdings are known: entries may be asked for and taken. */
  #open(shared: SharedScope): void {
    if (shared.open) return
    shared.open = true
    this.#keys.ask(shared)
    if (shared.giving) this.#mayGive(shared)
  }

  #mayGive(shared: SharedScope): void {
    this.#host.changed()
    this.#outbox.opened()
    this.#outbox.registersOf(shared)
    // What was appended since the peer was told: it was not pushed then.
    const digest = this.#host.log.digest(shared.scope, shared.part)
    if (!sameBytes(shared.sentDigest, digest)) this.#outbox.offer(shared)
  }

  async #takeEntries(shared: SharedScope, { runs, done }: FrameOf<'entries'>): Promise<void> {
    const roster = runs.filter(({ entries }) => entries[0]?.sealed.header.lane === 0)
    const messages = shared.part === 'all' ? runs.filter((run) => !roster.includes(run)) : []
    if (roster.length > 0) await this.#accept(shared, roster)
    if (this.#catchUp.mayTakeMessages(shared)) await this.#accept(shared, messages)
    else this.#catchUp.postpone(shared, feedsOf(messages))
    if (messages.length > 0) shared.typedAt = 0
    if (done) this.#catchUp.finish(shared)
    this.#catchUp.fetch(shared)
    this.#keys.ask(shared)
    if (roster.length > 0) this.#missing.ask(shared)
  }

  async #accept(shared: SharedScope, runs: readonly Run[]): Promise<void> {
    if (runs.length === 0) return
    try {
      const accepted = await this.#host.log.accept(shared.scope, runs, this.device)
      this.#catchUp.accepted(shared, accepted)
      if (accepted.held.length === 0) return
      this.#host.told(shared.scope, this.device, accepted.held)
      this.#host.kept(shared.scope, accepted.held, this)
    } catch (error) {
      this.#loops.dropped('entries', error)
    }
  }

  #takeLive(shared: SharedScope, what: number): void {
    const now = this.#host.timers.now()
    if (what === liveTyping && now - shared.typedAt < limits.typingEveryMs / 2) return
    if (what === liveTyping) shared.typedAt = now
    this.#host.presence.live(shared.scope, this.device, what)
  }

  #offerLater(): void {
    const { random, timers } = this.#host
    this.#callOffDigest = timers.after(limits.digestEveryMs * (0.8 + 0.4 * random()), () => {
      this.refresh()
      this.#candidates.renew(true)
      for (const shared of this.#scopes.values()) {
        this.#keys.askAgain(shared)
        shared.fetched.clear()
        this.#missing.ask(shared)
      }
      this.#offerLater()
    })
  }
}
