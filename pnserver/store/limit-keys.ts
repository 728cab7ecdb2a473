/** What is counted is never named: HMACs under a key of the day, which is forgotten the day after the next. */

import { createHmac } from 'node:crypto'
import { dayOf } from '../days.ts'

/** 32 random bytes of a day, the same for all who share a store. */
export type DaySecret = (day: number) => Promise<Uint8Array>

export class LimitKeys {
  readonly #secret: Uint8Array
  readonly #daySecret: DaySecret
  readonly #days = new Map<number, Promise<Buffer>>()

  /** `secret`: of the server, so that whoever reads the store can work nothing out. */
  constructor(secret: Uint8Array, daySecret: DaySecret) {
    this.#secret = secret
    this.#daySecret = daySecret
  }

  /** What it is called today, and what it was called yesterday: a limit does not begin anew at midnight. */
  async of(name: string, subject: Uint8Array, nowMs: number): Promise<readonly [today: Buffer, yesterday: Buffer]> {
    const today = dayOf(nowMs)
    const keys = await Promise.all([this.#keyOf(today), this.#keyOf(today - 1)])
    const [one, other] = keys.map((key) => createHmac('sha256', key).update(`${name}\0`).update(subject).digest())
    return [one ?? Buffer.alloc(0), other ?? Buffer.alloc(0)]
  }

  async #keyOf(day: number): Promise<Buffer> {
    const known = this.#days.get(day)
    if (known !== undefined) return await known
    const made = this.#daySecret(day).then((random) => createHmac('sha256', this.#secret).update(random).digest())
    this.#days.set(day, made)
    for (const old of this.#days.keys()) if (old < day - 1) this.#days.delete(old)
    // The next one asks again.
    made.catch(() => this.#days.delete(day))
    return await made
  }
}
