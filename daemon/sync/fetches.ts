/** Who fetches what: ranges on their way over one link are not wanted over another until that link is done or gives up. */

import type { Scope } from '../../protocol/ids.ts'
import { count, crown, notBelow, subtract, unite, type Feeds } from './feeds.ts'
import type { Timers } from '../timers.ts'

/** A session, as seen by those it shares the work with. */
export interface Fetcher {
  /** How often it did not deliver what it said it holds. */
  readonly strikes: number
  /** Others are done with what they fetched: look again for what is lacking. */
  resume(scope: Scope): void
  /** Its want brought nothing in time. */
  stalled(scope: Scope): void
}

interface Flight {
  open: Feeds
  progress: number
  readonly beganAt: number
  callOff: () => void
}

/** Times the patience: one who brings a little now and then may not hold up others for ever. */
const longestFlight = 6

/** Rather some of few feeds than next to nothing of many: the newest page is made of those that were written to last. */
const leastPerFeed = 4

interface Traffic {
  readonly flights: Map<Fetcher, Flight>
  /** Those who found everything on its way over other links. */
  readonly waiting: Set<Fetcher>
}

export class Fetches {
  readonly #timers: Timers
  readonly #patienceMs: number
  readonly #touched: (scope: Scope) => void
  readonly #traffic = new Map<Scope, Traffic>()

  /** `touched`: something of a scope is asked for, or a want has ended. */
  constructor(timers: Timers, patienceMs: number, touched: (scope: Scope) => void = () => {}) {
    this.#timers = timers
    this.#patienceMs = patienceMs
    this.#touched = touched
  }

  /**
   * Of what nobody fetches the share of `fetcher`, about so many entries: whole feeds are shared out among those who have nothing to
   * do, each from its newest entry down, since what is lower has no proof before that. None makes `fetcher` wait to be resumed.
   */
  claim(fetcher: Fetcher, scope: Scope, lacking: Feeds, entries: number): Feeds {
    const traffic = this.#trafficOf(scope)
    const better = [...traffic.waiting].some((other) => other !== fetcher && other.strikes < fetcher.strikes)
    const others = unite([...traffic.flights].flatMap(([other, { open }]) => (other === fetcher ? [] : open)))
    // What hangs below entries that are on their way has no proof before they are here.
    const free = better ? [] : notBelow(subtract(lacking, others), others)
    traffic.waiting.delete(fetcher)
    if (free.length === 0) traffic.waiting.add(fetcher)
    const share = Math.ceil(free.length / (traffic.waiting.size + 1))
    return crown(free, Math.min(share, Math.ceil(entries / leastPerFeed)), entries)
  }

  /** `fetcher` has asked for `feeds`. */
  begin(fetcher: Fetcher, scope: Scope, feeds: Feeds): void {
    const traffic = this.#trafficOf(scope)
    traffic.waiting.delete(fetcher)
    traffic.flights.get(fetcher)?.callOff()
    const beganAt = this.#timers.now()
    const callOff = this.#giveUpLater(fetcher, scope, this.#patienceMs)
    this.#touched(scope)
    traffic.flights.set(fetcher, { open: feeds, progress: 0, beganAt, callOff })
  }

  isFetching(fetcher: Fetcher, scope: Scope): boolean {
    return this.#traffic.get(scope)?.flights.has(fetcher) ?? false
  }

  /** `fetcher` brought `held`; only what it was asked for, and for the first time, counts as progress. */
  arrived(fetcher: Fetcher, scope: Scope, held: Feeds): void {
    const flight = this.#traffic.get(scope)?.flights.get(fetcher)
    if (flight === undefined) return
    const open = subtract(flight.open, held)
    const progress = count(flight.open) - count(open)
    if (progress === 0) return
    flight.open = open
    flight.progress += progress
    flight.callOff()
    const longest = flight.beganAt + longestFlight * this.#patienceMs - this.#timers.now()
    flight.callOff = this.#giveUpLater(fetcher, scope, Math.min(this.#patienceMs, longest))
  }

  /** The want was answered. Returns how many entries it brought. */
  finish(fetcher: Fetcher, scope: Scope): number {
    const traffic = this.#traffic.get(scope)
    const flight = traffic?.flights.get(fetcher)
    flight?.callOff()
    if (flight !== undefined) this.#touched(scope)
    traffic?.flights.delete(fetcher)
    return flight?.progress ?? 0
  }

  /** Lets those who waited look again, the reliable first; among equals `finisher`, who was fetching until now, is last. */
  resume(scope: Scope, finisher?: Fetcher): void {
    const traffic = this.#traffic.get(scope)
    if (traffic === undefined) return
    if (finisher !== undefined) traffic.waiting.add(finisher)
    const waiting = [...traffic.waiting].toSorted((a, b) => a.strikes - b.strikes)
    for (const fetcher of waiting) {
      traffic.waiting.delete(fetcher)
      fetcher.resume(scope)
    }
    if (traffic.flights.size === 0 && traffic.waiting.size === 0) this.#traffic.delete(scope)
  }

  /** A link ended. */
  leave(fetcher: Fetcher): void {
    for (const scope of this.#traffic.keys()) this.leaveScope(fetcher, scope)
  }

  leaveScope(fetcher: Fetcher, scope: Scope): void {
    this.#traffic.get(scope)?.waiting.delete(fetcher)
    this.finish(fetcher, scope)
    this.resume(scope)
  }

  #trafficOf(scope: Scope): Traffic {
    let traffic = this.#traffic.get(scope)
    if (traffic === undefined) {
      traffic = { flights: new Map(), waiting: new Set() }
      this.#traffic.set(scope, traffic)
    }
    return traffic
  }

  #giveUpLater(fetcher: Fetcher, scope: Scope, ms: number): () => void {
    return this.#timers.after(ms, () => {
      this.finish(fetcher, scope)
      fetcher.stalled(scope)
      this.resume(scope)
    })
  }
}
