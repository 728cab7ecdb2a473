/** Whether another copy of this device runs. Then nothing is written to the log until this one was stopped and started again. */

import { encode } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { tables, type Key, type Store } from '../store/store.ts'
import type { Core } from './core.ts'
import type { Writer } from './writer.ts'

const markKey: Key = { table: tables.setting, at: [5] }

/** Durable when it resolves: others may know more of the own generations than this home, and the next open begins new ones. */
export async function renewAtOpen(store: Store): Promise<void> {
  await store.commit((batch) => batch.put(markKey, encode(1)))
}

export class Duplicate {
  readonly #store: Store
  #isSeen = false

  constructor(store: Store) {
    this.#store = store
  }

  get isSeen(): boolean {
    return this.#isSeen
  }

  /** Another copy was proven to run. Durable when it resolves: the next start writes to new generations. */
  async seen(): Promise<void> {
    this.#isSeen = true
    await renewAtOpen(this.#store)
  }

  /** Throws DUPLICATE_DEVICE. */
  check(): void {
    if (this.#isSeen)
      throw new WarrenError(
        'DUPLICATE_DEVICE',
        'another copy of this device runs elsewhere: stop one of the two, then stop and start the other',
      )
  }

  /** At open: where the last run ended so, others may know more of every generation that was in use. */
  async recover(core: Core, writer: Writer): Promise<void> {
    if (this.#store.get(markKey) === undefined) return
    for (const scope of core.scopes.all())
      await core.commit(scope, undefined, (batch, staging) => writer.renew(batch, staging))
    await this.#store.commit((batch) => batch.delete(markKey))
  }
}
