/** Takes back rows at push servers: of persons who may not wake any more, and of servers that are not used any more. */

import { rowIdOf } from '../../protocol/wake.ts'
import { wakeKeysFor } from '../../protocol/wake-keys.ts'
import type { PersonId } from '../../protocol/ids.ts'
import type { Timers } from '../timers.ts'
import type { Ask } from './ask.ts'
import { ServerClient } from './server-client.ts'
import type { Troubles } from './troubles.ts'
import type { WakeBook } from './wake-book.ts'
import type { Owed } from './wake-rows.ts'

export interface RevokingDeps {
  readonly book: WakeBook
  readonly secret: Uint8Array
  readonly ask: Ask
  readonly timers: Timers
  readonly troubles: Troubles
}

/** So long servers believe an attestation: a row that was left with one wakes nobody after that, and is given up. */
const rowWakesMs = 91 * 24 * 60 * 60 * 1000

export class Revoking {
  readonly #deps: RevokingDeps
  #closed = false

  constructor(deps: RevokingDeps) {
    this.#deps = deps
  }

  /** How many rows are still to be taken back, by server. */
  owed(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { owed } of this.#deps.book.given())
      for (const { server } of owed) counts.set(server, (counts.get(server) ?? 0) + 1)
    return counts
  }

  /** What is due at servers that may be asked. Resolves with the servers that failed, and why. Rejects with STORE_…. */
  async settle(): Promise<ReadonlyMap<string, unknown>> {
    const { book, timers, troubles } = this.#deps
    const failed = new Map<string, unknown>()
    const now = timers.now()
    for (const { person, owed } of book.given()) {
      for (const each of owed) {
        if (this.#closed) return failed
        if (now - each.since > rowWakesMs) await this.#strike(person, each)
        else if (!failed.has(each.server) && troubles.mayAsk(each.server)) {
          const error = await this.#revoke(person, each)
          if (error === undefined) await this.#strike(person, each)
          else failed.set(each.server, error)
        }
      }
    }
    return failed
  }

  close(): void {
    this.#closed = true
  }

  /** Resolves with what went wrong at the server. */
  async #revoke(person: PersonId, { server, revision }: Owed): Promise<unknown> {
    const { secret, ask } = this.#deps
    const { capability, revokeSecret } = wakeKeysFor(secret, person, revision)
    try {
      await new ServerClient(ask, server).revoke(rowIdOf(capability), revokeSecret)
      return undefined
    } catch (error) {
      return error
    }
  }

  async #strike(person: PersonId, owed: Owed): Promise<void> {
    const { book } = this.#deps
    const given = book.givenTo(person)
    await book.give([{ ...given, owed: given.owed.filter((each) => each !== owed) }])
  }
}
