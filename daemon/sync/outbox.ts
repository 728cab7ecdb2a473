/** What a session owes its peer, each thing once; two loops send it no faster than the link drains. */

import type { EpochId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Register } from '../../protocol/register.ts'
import { Bell } from './bell.ts'
import { portions, unite, type Feeds } from './feeds.ts'
import type { Link, SyncFrame } from './link.ts'
import type { SyncLog, SyncRegisters } from './log.ts'
import { registerFrames, vectorFrames } from './pack.ts'
import { Serving } from './serving.ts'
import { mostOwed, type SharedScope } from './shared-scope.ts'
import type { Timers } from '../timers.ts'

/** Small frames wait while more than this is queued. */
const mostBacklog = 512 * 1024

export interface OutboxDeps {
  readonly link: Link
  readonly log: SyncLog
  readonly registers: SyncRegisters
  readonly timers: Timers
  /** As much of a scope as the peer may see now. */
  readonly visible: (scope: Scope) => SharedScope | undefined
}

interface Keys {
  readonly ask: Set<EpochId>
  readonly answer: Set<EpochId>
}

/** Everything due is a set or map over shared scopes: a peer that does not read makes nothing here grow without bound. */
export class Outbox {
  readonly #deps: OutboxDeps
  readonly #serving: Serving
  readonly #small: Bell
  readonly #bulk: Bell
  readonly #offers = new Set<SharedScope>()
  readonly #vectors = new Set<SharedScope>()
  readonly #wants = new Map<SharedScope, { readonly feeds: Feeds; readonly budget: number }>()
  readonly #haves = new Map<SharedScope, Feeds>()
  readonly #keys = new Map<SharedScope, Keys>()
  readonly #registersOf = new Set<SharedScope>()
  readonly #registers = new Map<string, { readonly shared: SharedScope; readonly register: Register }>()

  constructor(deps: OutboxDeps) {
    this.#deps = deps
    this.#small = new Bell()
    this.#bulk = new Bell()
    this.#serving = new Serving({ ...deps, rosterServed: (shared) => this.registersOf(shared) })
  }

  offer(shared: SharedScope): void {
    this.#offers.add(shared)
    this.#small.ring()
  }

  vector(shared: SharedScope): void {
    this.#vectors.add(shared)
    this.#bulk.ring()
  }

  want(shared: SharedScope, feeds: Feeds, budget: number): void {
    this.#wants.set(shared, { feeds, budget })
    this.#small.ring()
  }

  have(shared: SharedScope, all: Feeds): void {
    const feeds = shared.visible(all)
    if (feeds.length === 0) return
    if (this.#haves.size === 0 && isShort(feeds) && this.#deps.link.backlog < mostBacklog) {
      // Somebody waits for a tick, and there is nothing that it could travel with.
      if (this.#visible(shared)) this.#deps.link.send({ is: 'have', scope: shared.scope, feeds })
      return
    }
    this.#haves.set(shared, unite(this.#haves.get(shared) ?? [], feeds))
    this.#small.ring()
  }

  askKeys(shared: SharedScope, epochs: Iterable<EpochId>): void {
    for (const epoch of epochs) this.#keysOf(shared).ask.add(epoch)
    this.#small.ring()
  }

  answerKeys(shared: SharedScope, epochs: Iterable<EpochId>): void {
    const { answer } = this.#keysOf(shared)
    for (const epoch of epochs) if (answer.size < mostOwed) answer.add(epoch)
    this.#small.ring()
  }

  register(shared: SharedScope, register: Register): void {
    if (shared.part !== 'all') return
    this.#registers.set(`${register.scope}/${register.device}/${register.key}`, { shared, register })
    this.#small.ring()
  }

  registersOf(shared: SharedScope): void {
    if (shared.part !== 'all') return
    this.#registersOf.add(shared)
    this.#small.ring()
  }

  /** Answers a peer's want once the scope is open. */
  serve(shared: SharedScope, feeds: Feeds, budget: number): void {
    this.#serving.want(shared, feeds, budget)
    this.#bulk.ring()
  }

  /** The scope is open: wants that waited for it may be served. */
  opened(): void {
    this.#bulk.ring()
  }

  /** The peer may not see the scope any more, or more or less of it: what it asked for is its own to take back. */
  forget(shared: SharedScope): void {
    for (const due of [this.#offers, this.#vectors, this.#wants, this.#haves, this.#keys, this.#registersOf]) {
      due.delete(shared)
    }
    for (const [key, each] of this.#registers) if (each.shared === shared) this.#registers.delete(key)
    const { link, log } = this.#deps
    if (log.partFor(link.device, shared.scope) === undefined) this.#serving.forget(shared.scope)
  }

  /** Resolves after silence(). Rejects if the log or the registers cannot be read. */
  async run(): Promise<void> {
    await Promise.all([this.#sendSmall(), this.#sendBulk()])
  }

  silence(): void {
    this.#small.silence()
    this.#bulk.silence()
  }

  async #sendSmall(): Promise<void> {
    const { link } = this.#deps
    while (await this.#small.rung()) {
      for (const frame of this.#smallFrames()) {
        link.send(frame)
        await link.drained(mostBacklog)
        if (link.closed.aborted) return
      }
    }
  }

  async #sendBulk(): Promise<void> {
    const { link } = this.#deps
    while (await this.#bulk.rung()) {
      do {
        for (const shared of take(this.#vectors)) await this.#sendVector(shared)
        if (link.closed.aborted) return
      } while (await this.#serving.step())
    }
  }

  async #sendVector(shared: SharedScope): Promise<void> {
    const { link, log } = this.#deps
    await link.drained(mostBacklog)
    if (!this.#visible(shared)) return
    shared.vectorSent = true
    shared.sentDigest = new Uint8Array(log.digest(shared.scope, shared.part))
    for (const frame of vectorFrames(shared.scope, log.vector(shared.scope, shared.part))) {
      link.send(frame)
      await link.drained(mostBacklog)
    }
  }

  *#smallFrames(): Generator<SyncFrame, void> {
    yield* this.#offerFrames()
    for (const [shared, { feeds, budget }] of take(this.#wants)) {
      if (this.#visible(shared)) yield { is: 'want', scope: shared.scope, feeds, budget }
    }
    for (const [shared, feeds] of take(this.#haves)) {
      if (!this.#visible(shared)) continue
      for (const part of portions(feeds)) yield { is: 'have', scope: shared.scope, feeds: part }
    }
    for (const [shared, keys] of take(this.#keys)) yield* this.#keyFrames(shared, keys)
    for (const shared of take(this.#registersOf)) {
      if (this.#visible(shared)) yield* registerFrames(this.#deps.registers.registers(shared.scope))
    }
    yield* registerFrames(this.#changedRegisters())
  }

  *#offerFrames(): Generator<SyncFrame, void> {
    const offered = take(this.#offers).filter((shared) => this.#visible(shared))
    for (let at = 0; at < offered.length; at += limits.offerScopes) {
      const scopes = offered.slice(at, at + limits.offerScopes).map((shared) => {
        const digest = this.#deps.log.digest(shared.scope, shared.part)
        shared.vectorSent = false
        shared.sentDigest = new Uint8Array(digest)
        // Behind the offer, so that it is answered.
        if (shared.beginsAnew) this.vector(shared)
        shared.beginsAnew = false
        return { scope: shared.scope, digest }
      })
      yield { is: 'offer', scopes }
    }
  }

  *#keyFrames(shared: SharedScope, { ask, answer }: Keys): Generator<SyncFrame, void> {
    const { link, log } = this.#deps
    if (!this.#visible(shared)) return
    const { scope } = shared
    const given = answer.size === 0 ? [] : log.keysFor(scope, [...answer], link.device)
    for (const { epoch } of given) answer.delete(epoch)
    for (const epoch of answer) if (shared.owed.size < mostOwed) shared.owed.add(epoch)
    const asked = [...ask]
    for (let at = 0; at < Math.max(asked.length, given.length); at += limits.frameItems) {
      const end = at + limits.frameItems
      yield { is: 'keys', scope, asked: asked.slice(at, end), given: given.slice(at, end) }
    }
  }

  *#changedRegisters(): Generator<Register, void> {
    for (const [, { shared, register }] of take(this.#registers)) if (this.#visible(shared)) yield register
  }

  /** Also false once the peer may see more or less of it: then another SharedScope takes its place. */
  #visible({ scope, part }: SharedScope): boolean {
    return this.#deps.log.partFor(this.#deps.link.device, scope) === part
  }

  #keysOf(shared: SharedScope): Keys {
    let keys = this.#keys.get(shared)
    if (keys === undefined) {
      keys = { ask: new Set(), answer: new Set() }
      this.#keys.set(shared, keys)
    }
    return keys
  }
}

/** Fits a frame as it is. */
const isShort = ([one, ...others]: Feeds): boolean =>
  one !== undefined && others.length === 0 && one.ranges.length <= limits.rowRanges

/** Empties what is due; what comes in meanwhile is left for the next round. */
function take<T>(due: Iterable<T> & { clear(): void }): T[] {
  const items = [...due]
  due.clear()
  return items
}
