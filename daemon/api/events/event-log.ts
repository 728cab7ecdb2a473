/** The last events of this run, by id: what changed, not how it looks, so that a late reader gets today's state. */

import type { BusEvent } from '../../bus.ts'

export interface LoggedEvent {
  readonly id: number
  readonly event: BusEvent
}

export class EventLog {
  readonly #most: number
  /** Ring: the event with id `first + n` is at `(first + n) % most`. */
  readonly #events: (BusEvent | undefined)[] = []
  readonly #start: number
  #last: number

  /** Ids begin behind `start`; let it grow from run to run, and the ids of an earlier run are too old. */
  constructor(most: number, start: number) {
    this.#most = most
    this.#start = start
    this.#last = start
  }

  /** The id of the newest event. */
  get last(): number {
    return this.#last
  }

  append(event: BusEvent): number {
    this.#last += 1
    this.#events[this.#last % this.#most] = event
    return this.#last
  }

  /** Forgets the events of which `which` is true; those behind them keep their ids. */
  forget(which: (event: BusEvent) => boolean): void {
    for (const [at, event] of this.#events.entries())
      if (event !== undefined && which(event)) this.#events[at] = undefined
  }

  /** Up to `count` events behind `id`, oldest first; undefined if some were forgotten or `id` is not of this run. */
  after(id: number, count: number): LoggedEvent[] | undefined {
    if (id > this.#last || id < Math.max(this.#start, this.#last - this.#most)) return undefined
    const found: LoggedEvent[] = []
    for (let at = id + 1; at <= this.#last && found.length < count; at += 1) {
      const event = this.#events[at % this.#most]
      if (event !== undefined) found.push({ id: at, event })
    }
    return found
  }
}
