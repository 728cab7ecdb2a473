/** How much is fetched without being asked for: what people send fills neither the disk nor all of a day's room. */

import type { Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Timers } from '../timers.ts'

const dayMs = 24 * 60 * 60 * 1000

interface Taken {
  readonly at: number
  readonly bytes: number
}

/** What was taken within a day. */
class Day {
  readonly #taken: Taken[] = []
  #bytes = 0

  add(taken: Taken): void {
    this.#taken.push(taken)
    this.#bytes += taken.bytes
  }

  /** Either way: a clock that was ahead for a while must not hold anything up for longer. */
  bytes(now: number): number {
    for (let first = this.#taken[0]; first !== undefined && Math.abs(now - first.at) >= dayMs; first = this.#taken[0]) {
      this.#taken.shift()
      this.#bytes -= first.bytes
    }
    return this.#bytes
  }
}

export class Allowance {
  readonly #timers: Timers
  readonly #all = new Day()
  readonly #days = new Map<Scope, Day>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** What an earlier run took, in the order of its times. */
  took(conversation: Scope, taken: Taken): void {
    this.#all.add(taken)
    this.#day(conversation).add(taken)
  }

  /** Whether so many bytes may be fetched for a conversation, unasked; they count from now on if they may. */
  take(conversation: Scope, bytes: number): boolean {
    const at = this.#timers.now()
    if (this.#all.bytes(at) + bytes > limits.autoFetchDayBytesInAll) return false
    if (this.#day(conversation).bytes(at) + bytes > limits.autoFetchDayBytes) return false
    this.took(conversation, { at, bytes })
    return true
  }

  /** What was taken is not fetched after all. */
  giveBack(conversation: Scope, bytes: number): void {
    const given = { at: this.#timers.now(), bytes: -bytes }
    this.#all.add(given)
    this.#days.get(conversation)?.add(given)
  }

  #day(conversation: Scope): Day {
    const day = this.#days.get(conversation) ?? new Day()
    this.#days.set(conversation, day)
    return day
  }

  /** The conversation is gone. What came for it stays within what came for all. */
  forget(conversation: Scope): void {
    this.#days.delete(conversation)
  }
}
