/** A clock that moves only when told to: tasks run in the order of their times, those of one time in an order drawn by a seed. */

import type { Timers } from '../../daemon/timers.ts'

interface Task {
  readonly at: number
  readonly draw: number
  readonly run: () => void
  calledOff: boolean
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.draw < b.draw)

export class VirtualTime implements Timers {
  readonly random: () => number
  #nowMs: number
  /** What the clock shows beside that. */
  #offMs = 0
  /** A binary heap. */
  readonly #tasks: Task[] = []

  constructor(seed = 1, nowMs = 1_800_000_000_000) {
    this.random = seededRandom(seed)
    this.#nowMs = nowMs
  }

  now(): number {
    return Math.floor(this.#nowMs + this.#offMs)
  }

  after(ms: number, run: () => void): () => void {
    const task = { at: this.#nowMs + Math.max(0, ms), draw: this.random(), run, calledOff: false }
    this.#put(task)
    return () => {
      task.calledOff = true
    }
  }

  /** Runs what falls due within `ms`, and lets all promises that follow from each task settle before the next one. */
  async pass(ms: number): Promise<void> {
    const end = this.#nowMs + ms
    await settled()
    for (let next = this.#tasks[0]; next !== undefined && next.at <= end; next = this.#tasks[0]) {
      this.#take()
      if (next.calledOff) continue
      this.#nowMs = next.at
      next.run()
      await settled()
    }
    this.#nowMs = end
  }

  /** The clock is put forward or back by so much; what was to happen after a while still happens after that while. */
  set(byMs: number): void {
    this.#offMs += byMs
  }

  /** Lets time pass until `done()`; throws after `mostMs`. */
  async until(done: () => boolean, mostMs = 600_000): Promise<void> {
    const end = this.#nowMs + mostMs
    await settled()
    while (!done()) {
      const next = this.#tasks[0]
      if (next === undefined || next.at > end) throw new Error('it did not come to pass')
      await this.pass(next.at - this.#nowMs)
    }
  }

  #put(task: Task): void {
    let at = this.#tasks.push(task) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(task, this.#tasks[parent] as Task)) break
      this.#tasks[at] = this.#tasks[parent] as Task
      at = parent
    }
    this.#tasks[at] = task
  }

  #take(): void {
    const last = this.#tasks.pop()
    if (last === undefined || this.#tasks.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      const child =
        right < this.#tasks.length && isBefore(this.#tasks[right] as Task, this.#tasks[left] as Task) ? right : left
      if (child >= this.#tasks.length || !isBefore(this.#tasks[child] as Task, last)) break
      this.#tasks[at] = this.#tasks[child] as Task
      at = child
    }
    this.#tasks[at] = last
  }
}

/** After all promises that can settle without time passing. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
