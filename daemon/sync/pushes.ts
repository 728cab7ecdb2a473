/** New entries on their way to partners: own ones at once, foreign ones after a moment in which others may say that they hold them. */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { feedsOf, subtract, unite, type Feeds } from './feeds.ts'
import type { SyncFrame } from './link.ts'
import type { Appended } from './log.ts'
import { joinRuns, packRuns, runSize } from './pack.ts'
import type { Timers } from '../timers.ts'

/** A session, as seen by what pushes to it. */
export interface PushTarget {
  readonly device: DeviceId
  /** Whether it said by its vector that it holds all of these. */
  holds(scope: Scope, feeds: Feeds): boolean
  /** Sends the frames, or says by an offer that there is something new. */
  push(scope: Scope, frames: readonly SyncFrame[]): void
  /** Says by an offer that there is something new. */
  announce(scope: Scope): void
}

/** More foreign entries than this are announced and left to be wanted: it is a catch-up, not news. */
const mostBytes = 256 * 1024

/** So often at most a partner is told that there is more: each time both say all that they hold. */
const announceEveryMs = 1000

interface Batch {
  readonly items: Appended[]
  /** Of all items, those too that are more than is pushed. */
  feeds: Feeds
  bytes: number
  /** Who brought something; undefined is this device. */
  readonly sources: Set<DeviceId | undefined>
  readonly told: Map<DeviceId, Feeds>
}

export interface PushesDeps {
  readonly timers: Timers
  readonly random: () => number
  readonly partners: (scope: Scope) => readonly PushTarget[]
}

export class Pushes {
  readonly #deps: PushesDeps
  readonly #relayDelayMs: number
  readonly #foreign = new Map<Scope, Batch>()
  /** Scopes that were announced a moment ago, and to whom they are again since more came. */
  readonly #announced = new Map<Scope, Set<DeviceId>>()
  readonly #callOffs = new Set<() => void>()

  constructor(deps: PushesDeps, relayDelayMs: number) {
    this.#deps = deps
    this.#relayDelayMs = relayDelayMs
  }

  appended(appended: Appended): void {
    // Own entries come one group commit at a time, gathered already; nobody else can have brought them.
    if (appended.from === undefined) this.#pushOwn(appended)
    else this.#gather(appended)
  }

  #pushOwn(appended: Appended): void {
    const everything = once(() => entriesFrames(appended.scope, [appended]))
    for (const partner of this.#deps.partners(appended.scope)) partner.push(appended.scope, everything())
  }

  #gather(appended: Appended): void {
    let batch = this.#foreign.get(appended.scope)
    if (batch === undefined) {
      batch = { items: [], feeds: [], bytes: 0, sources: new Set(), told: new Map() }
      this.#foreign.set(appended.scope, batch)
      const { scope } = appended
      this.#later(this.#relayDelayMs * (1 + this.#deps.random()), () => {
        this.#foreign.delete(scope)
        this.#flush(scope, batch as Batch)
      })
    }
    batch.bytes += appended.runs.reduce((bytes, run) => bytes + runSize(run), 0)
    batch.sources.add(appended.from)
    batch.feeds = unite(batch.feeds, feedsOf(appended.runs))
    if (batch.bytes > mostBytes) batch.items.length = 0
    else batch.items.push(appended)
  }

  /** `device` holds `feeds`: it needs no relay of them. */
  told(scope: Scope, device: DeviceId, feeds: Feeds): void {
    const batch = this.#foreign.get(scope)
    if (batch !== undefined) batch.told.set(device, unite(batch.told.get(device) ?? [], feeds))
  }

  close(): void {
    for (const callOff of this.#callOffs) callOff()
    this.#callOffs.clear()
  }

  #later(ms: number, task: () => void): void {
    const callOff = this.#deps.timers.after(ms, () => {
      this.#callOffs.delete(callOff)
      task()
    })
    this.#callOffs.add(callOff)
  }

  /** At once, and then not again for a while: what comes meanwhile is told behind it. */
  #announce(scope: Scope, partners: readonly PushTarget[]): void {
    const late = this.#announced.get(scope)
    if (late !== undefined) for (const each of partners) late.add(each.device)
    if (late !== undefined || partners.length === 0) return
    for (const partner of partners) partner.announce(scope)
    const missed = new Set<DeviceId>()
    this.#announced.set(scope, missed)
    this.#later(announceEveryMs, () => {
      this.#announced.delete(scope)
      const still = this.#deps.partners(scope).filter(({ device }) => missed.has(device))
      this.#announce(scope, still)
    })
  }

  #flush(scope: Scope, { items, feeds, bytes, sources, told }: Batch): void {
    const partners = this.#deps.partners(scope)
    if (partners.length === 0) return
    if (bytes > mostBytes) {
      const others = partners.filter(({ device }) => sources.size > 1 || !sources.has(device))
      this.#announce(
        scope,
        others.filter((partner) => !partner.holds(scope, feeds)),
      )
      return
    }
    const everything = once(() => entriesFrames(scope, items))
    for (const partner of partners) {
      const known = told.get(partner.device) ?? []
      const others = items.filter(
        ({ from, runs }) => from !== partner.device && !coveredBy(runs, known) && !partner.holds(scope, feedsOf(runs)),
      )
      // The same frames for all, so that a link may encode them once.
      const frames = others.length === items.length ? everything() : entriesFrames(scope, others)
      if (frames.length > 0) partner.push(scope, frames)
    }
  }
}

const coveredBy = (runs: readonly Run[], known: Feeds): boolean =>
  known.length > 0 && subtract(feedsOf(runs), known).length === 0

function entriesFrames(scope: Scope, items: readonly Appended[]): SyncFrame[] {
  const runs = joinRuns(items.flatMap((item) => item.runs))
  return packRuns(runs).map((part) => ({ is: 'entries', scope, runs: part, done: false }))
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
