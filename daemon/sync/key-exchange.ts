/** Keys of epochs over one link: asked for once each until the next digest, answered when they are here. */

import type { EpochId, Scope } from '../../protocol/ids.ts'
import type { SyncFrame } from './link.ts'
import type { SyncLog } from './log.ts'
import type { Outbox } from './outbox.ts'
import { mostOwed, type SharedScope } from './shared-scope.ts'

type KeysFrame = Extract<SyncFrame, { is: 'keys' }>

export interface KeyExchangeDeps {
  readonly log: SyncLog
  readonly outbox: Outbox
  readonly keysTaken: (scope: Scope) => void
}

export class KeyExchange {
  readonly #deps: KeyExchangeDeps

  constructor(deps: KeyExchangeDeps) {
    this.#deps = deps
  }

  /** Asks for what is missing and was not asked for yet. */
  ask(shared: SharedScope): void {
    if (!shared.open) return
    const { log, outbox } = this.#deps
    const missing: EpochId[] = log.missingKeys(shared.scope).filter((epoch) => !shared.asked.has(epoch))
    if (missing.length === 0) return
    const some = missing.slice(0, mostOwed)
    for (const epoch of some) shared.asked.add(epoch)
    outbox.askKeys(shared, some)
  }

  /** Asks for everything that is missing once more. */
  askAgain(shared: SharedScope): void {
    shared.asked.clear()
    this.ask(shared)
  }

  /** Keys that were asked for, and those of epochs that came just before them, are taken. */
  async take(shared: SharedScope, { asked, given }: KeysFrame): Promise<void> {
    const { log, outbox, keysTaken } = this.#deps
    if (asked.length > 0) outbox.answerKeys(shared, asked)
    const missing = given.length === 0 ? [] : log.missingKeys(shared.scope)
    const wanted = given.filter(({ epoch }) => shared.asked.has(epoch) || missing.includes(epoch))
    if (wanted.length === 0) return
    await log.takeKeys(shared.scope, wanted)
    keysTaken(shared.scope)
  }

  /** Keys came, or the roster changed: answers what could not be answered before. */
  answerOwed(shared: SharedScope): void {
    if (shared.owed.size === 0) return
    this.#deps.outbox.answerKeys(shared, shared.owed)
    shared.owed.clear()
  }
}
