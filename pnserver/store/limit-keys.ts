/** What is counted is never named: HMACs under a key of the day, which is forgotten the day after the next. */

import { hmac } from '../../protocol/crypto.ts'
import { dayOf } from '../days.ts'

/** 32 random bytes of a day, the same for all who share a store. */
export type DaySecret = (day: number) => Promise<Uint8Array>

/** What something is called today, and what it was called yesterday, if that still matters: a limit does not begin anew at midnight. */
export type DayNames = readonly [today: Buffer, yesterday?: Buffer]

export class LimitKeys {
  readonly #secret: Uint8Array
  readonly #daySecret: DaySecret
  readonly #days = new Map<number, Promise<Uint8Array>>()

  /** `secret`: of the server, so that whoever reads the store can work nothing out. */
  constructor(secret: Uint8Array, daySecret: DaySecret) {
    this.#secret = secret
    this.#daySecret = daySecret
  }

  /** `reachMs`: how far back it is counted. */
  async of(name: string, subject: Uint8Array, nowMs: number, reachMs: number): Promise<DayNames> {
    const today = dayOf(nowMs)
    const message = Buffer.concat([Buffer.from(`${name}\0`), subject])
    const nameOf = async (day: number): Promise<Buffer> => Buffer.from(hmac(await this.#keyOf(day), message))
    const ofToday = await nameOf(today)
    return dayOf(nowMs - reachMs) === today ? [ofToday] : [ofToday, await nameOf(today - 1)]
  }

  async #keyOf(day: number): Promise<Uint8Array> {
    const known = this.#days.get(day)
    if (known !== undefined) return await known
    const made = this.#daySecret(day).then((random) => hmac(this.#secret, random))
    this.#days.set(day, made)
    for (const old of this.#days.keys()) if (old < day - 1) this.#days.delete(old)
    // The next one asks again.
    made.catch(() => this.#days.delete(day))
    return await made
  }
}
